package dev.sluice.app;

/// The server cannot start as it is configured, or where it is to keep its data; the message says what and
/// where. The command ends with 2.
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigurationException(String message) {
        super(message);
    }

    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
