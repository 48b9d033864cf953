package dev.sluice.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;

/// A bank's CSV as German banks give them: 12 columns, about 120 bytes a row, all rows different.
final class BankFile {
    private static final List<String> SHOPS = List.of(
            "REWE MARKT",
            "LIDL SAGT DANKE",
            "SHELL",
            "AMAZON EU",
            "DB BAHN",
            "STARBUCKS",
            "BAECKEREI HUBER",
            "KIOSK AM TOR",
            "ARAL",
            "EDEKA");

    private BankFile() {}

    static void write(Path file, int rows) {
        var random = new Random(rows);
        long balance = 0;
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("Buchungstag;Valutadatum;Buchungstext;Verwendungszweck;Beguenstigter;Kontonummer;BIC;Betrag;"
                    + "Waehrung;Saldo;Referenz;Info\n");
            for (int row = 0; row < rows; row++) {
                LocalDate date = LocalDate.of(2018, 1, 1).plusDays(row / 400);
                String day = "%02d.%02d.%d".formatted(date.getDayOfMonth(), date.getMonthValue(), date.getYear());
                int cents = 1 + random.nextInt(20_000);
                balance = (balance + cents) % 90_000_000;
                out.write(day + ";" + day + ";Kartenzahlung;" + SHOPS.get(random.nextInt(SHOPS.size())) + " "
                        + (1_000 + random.nextInt(9_000)) + " BERLIN;" + SHOPS.get(random.nextInt(SHOPS.size()))
                        + " GmbH;DE" + (10 + random.nextInt(89)) + (1_000_000_000_000_000L + random.nextInt(1 << 30))
                        + ";COBADEFF;-" + money(cents) + ";EUR;" + money(balance) + ";R" + row + ";-\n");
            }
        } catch (IOException e) {
            throw new BenchException("cannot write " + file, e);
        }
    }

    private static String money(long cents) {
        return "%d,%02d".formatted(cents / 100, cents % 100);
    }
}
