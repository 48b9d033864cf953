package dev.sluice.core;

import java.util.HashMap;
import java.util.Map;

/// Something worth telling about a job that changes nothing: a warning, a finding.
public record Note(Level level, String code, String text, Map<String, Object> details) {
    public Note {
        details = Map.copyOf(details);
    }

    public enum Level {
        INFO,
        WARNING
    }

    Map<String, Object> members() {
        var members = new HashMap<String, Object>(details);
        members.put("level", level == Level.INFO ? "info" : "warning");
        members.put("code", code);
        members.put("text", text);
        return members;
    }
}
