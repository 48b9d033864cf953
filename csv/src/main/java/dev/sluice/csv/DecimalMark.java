package dev.sluice.csv;

/// What stands between the whole part of a number and its decimals.
public enum DecimalMark {
    POINT('.'),
    COMMA(',');

    final char sign;

    DecimalMark(char sign) {
        this.sign = sign;
    }
}
