package dev.sluice.upload;

final class FileNames {
    private FileNames() {}

    static String sanitize(String original) {
        return original;
    }
}
