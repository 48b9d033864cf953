package dev.sluice.wire;

import dev.sluice.imports.Booked;

/// Transactions as CSV, line by line. Not safe for use by many threads.
public final class TransactionsCsv {
    public static final String MEDIA_TYPE = CsvLine.MEDIA_TYPE;

    /// The line of names above them.
    public static final String HEAD =
            "id,account,booked,valued,amount,currency,description,counterparty,counterparty_account,reference,"
                    + "balance,bank_category,mcc,category,confidence,source,import,line\r\n";

    private final CsvLine line = new CsvLine();

    public String line(Booked booked) {
        TransactionDocument row = TransactionDocument.of(booked);
        return line.plain(row.id())
                .text(row.account())
                .plain(row.booked())
                .plain(row.valued())
                .plain(row.amount())
                .plain(row.currency())
                .text(row.description())
                .text(row.counterparty())
                .text(row.counterpartyAccount())
                .text(row.reference())
                .plain(row.balance())
                .text(row.bankCategory())
                .text(row.mcc())
                .plain(row.category())
                .plain(row.confidence())
                .plain(row.source())
                .plain(row.job())
                .plain(row.line())
                .end();
    }
}
