package dev.sluice.core;

/// Whose job it is. Where no accounts are in use everything belongs to [#LOCAL].
public record Owner(String name) {
    public static final Owner LOCAL = new Owner("local");

    public Owner {
        if (name.isBlank() || name.length() > 200) {
            throw new IllegalArgumentException("an owner's name has 1 to 200 characters");
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
