package dev.sluice.fakes;

import java.util.Locale;
import java.util.function.Predicate;

/// The `q` of Drive's `files.list` (guide 'Search query terms'), as far as it speaks of `name`, `mimeType`,
/// `trashed` and `parents`, with `and`, `or`, `not` and parentheses. Anything else is 400: a fake that ignored
/// a term would find too much.
final class DriveQuery {
    private final String text;
    private final String root;
    private int at;

    private DriveQuery(String text, String root) {
        this.text = text;
        this.root = root;
    }

    /// @param root what `root` stands for
    static Predicate<DriveFile> parse(String text, String root) {
        var query = new DriveQuery(text, root);
        Predicate<DriveFile> any = query.or();
        if (!query.rest().isEmpty()) {
            throw query.invalid();
        }
        return any;
    }

    private Predicate<DriveFile> or() {
        Predicate<DriveFile> left = and();
        while (taken("or ")) {
            left = left.or(and());
        }
        return left;
    }

    private Predicate<DriveFile> and() {
        Predicate<DriveFile> left = term();
        while (taken("and ")) {
            left = left.and(term());
        }
        return left;
    }

    private Predicate<DriveFile> term() {
        if (taken("not ")) {
            return term().negate();
        }
        if (taken("(")) {
            Predicate<DriveFile> inner = or();
            require(")");
            return inner;
        }
        if (taken("trashed")) {
            boolean equal = equality();
            boolean wanted = taken("true");
            if (!wanted) {
                require("false");
            }
            return file -> (file.trashed() == wanted) == equal;
        }
        if (taken("name")) {
            if (taken("contains ")) {
                // Prefixes of words only, as the guide says.
                String start = string().toLowerCase(Locale.ROOT);
                return file -> (" " + file.name().toLowerCase(Locale.ROOT)).contains(" " + start);
            }
            boolean equal = equality();
            String name = string();
            return file -> file.name().equals(name) == equal;
        }
        if (taken("mimeType")) {
            boolean equal = equality();
            String type = string();
            return file -> file.mimeType().equals(type) == equal;
        }
        String parent = string();
        require("in ");
        require("parents");
        String id = parent.equals("root") ? root : parent;
        return file -> file.parent().equals(id);
    }

    private boolean equality() {
        if (taken("!=")) {
            return false;
        }
        require("=");
        return true;
    }

    /// `'it\'s'`.
    private String string() {
        require("'");
        var value = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '\'') {
            if (text.charAt(at) == '\\') {
                at++;
            }
            if (at < text.length()) {
                value.append(text.charAt(at++));
            }
        }
        if (at == text.length()) {
            throw invalid();
        }
        at++;
        return value.toString();
    }

    private void require(String word) {
        if (!taken(word)) {
            throw invalid();
        }
    }

    private boolean taken(String word) {
        boolean there = rest().startsWith(word);
        if (there) {
            at += word.length();
        }
        return there;
    }

    private String rest() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        return text.substring(at);
    }

    private Refusal invalid() {
        return Refusal.invalid("Invalid Value").at("q");
    }
}
