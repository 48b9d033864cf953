package dev.sluice.fakes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// The commands `dev/fake-gcs` and `dev/fake-drive`.
final class FakeCommand {
    private static final String ACCOUNT = "dev@example.com";

    private FakeOptions options;
    private final boolean drive;
    private final List<String> accounts = new ArrayList<>();
    private final List<String> buckets = new ArrayList<>();
    private final List<Faults.Rule> faults = new ArrayList<>();
    private long storage = 15L << 30;

    private FakeCommand(boolean drive) {
        this.drive = drive;
        this.options = FakeOptions.plain().port(port());
    }

    public static void main(String[] arguments) throws InterruptedException {
        var command = new FakeCommand(arguments[0].equals("drive"));
        List<String> words = Arrays.asList(arguments).subList(1, arguments.length);
        if (words.contains("--help") || words.contains("-h")) {
            System.out.println(command.help());
            return;
        }
        try {
            command.read(words.iterator());
        } catch (IllegalArgumentException e) {
            System.err.println("dev/fake-" + arguments[0] + ": " + e.getMessage() + "; --help says more");
            System.exit(2);
        }
        command.run();
    }

    private void read(Iterator<String> words) {
        while (words.hasNext()) {
            String word = words.next();
            if (!word.startsWith("--") || !words.hasNext()) {
                throw new IllegalArgumentException("\"" + word + "\" is not understood, or needs a value");
            }
            String value = words.next();
            switch (word) {
                case "--port" -> options = options.port(Integer.parseInt(value));
                case "--keep" -> options = options.keep(Keep.valueOf(value.toUpperCase(Locale.ROOT)));
                case "--account" -> accounts.add(value);
                case "--storage" -> storage = Long.parseLong(value);
                case "--bucket" -> buckets.add(value);
                case "--fault" -> faults.add(Faults.Rule.parse(value));
                default -> throw new IllegalArgumentException("there is no option " + word);
            }
        }
        if (accounts.isEmpty()) {
            accounts.add(ACCOUNT);
        }
        if (buckets.isEmpty()) {
            buckets.add("bucket");
        }
    }

    private void run() throws InterruptedException {
        FakeGoogle fake = drive ? FakeDrive.start(options) : gcs();
        Runtime.getRuntime().addShutdownHook(new Thread(fake::close, "close"));
        accounts.forEach(email -> fake.account(email).storage(storage));
        faults.forEach(fake.faults()::add);
        System.out.println("url     " + fake.url());
        System.out.println("token   " + fake.account(accounts.getFirst()).token());
        System.out.println("client  " + FakeGoogle.CLIENT_ID + " " + FakeGoogle.CLIENT_SECRET);
        System.out.println("add     " + add(fake.url().toString()));
        fake.join();
    }

    /// How Sluice is told of it.
    private String add(String url) {
        return "curl -s " + url + "/_fake/accounts/" + accounts.getFirst()
                + "/key >key.json && ./sluice storage add NAME"
                + " --kind " + (drive ? "gdrive --folder Sluice --create-folder" : "gcs --bucket " + buckets.getFirst())
                + " --endpoint " + url + " --credentials \"$PWD/key.json\"";
    }

    private FakeGoogle gcs() {
        FakeGcs gcs = FakeGcs.start(options);
        buckets.forEach(gcs::bucket);
        return gcs;
    }

    private int port() {
        return drive ? 8092 : 8091;
    }

    private String help() {
        return """
                Usage: dev/fake-%1$s [--port N] [--keep WHAT] [--fault FAULT]… [--account EMAIL]… [%2$s]

                Serves as %3$s does, strictly, on 127.0.0.1, until it is interrupted.

                  --port N         the port (%4$d); 0 for any free one
                  --keep WHAT      what becomes of the bytes: memory, disk, digest, nothing (memory)
                  --account EMAIL  an account; the first one's token is printed (%5$s)
                %6$s  --fault FAULT    goes wrong on purpose, see below
                  --help           this text

                A fault is written FAULT[=VALUE][@STEP][+SKIP][*TIMES]: drop-at=300000@chunk+1*2 lets one chunk pass and
                cuts the next two after 300,000 bytes; *always never ends.

                  faults  %7$s
                  steps   %8$s

                While it runs:

                  curl URL/_fake/calls                              what it was asked
                  curl -d 'rate-limit=3@chunk' URL/_fake/faults     switches a fault on; the value is Retry-After
                  curl -X DELETE URL/_fake/faults                   switches all off
                  curl URL/_fake/sessions                           uploads that are open; -X DELETE lets them expire
                  curl URL/_fake/stored                             what can be seen
                  curl URL/_fake/accounts/EMAIL/token               an access token; refresh-token; key (service account)
                  curl -T- URL/_fake/accounts/EMAIL/storage         how much it may store; daily; revoked (true, false)""".formatted(
                        drive ? "drive" : "gcs",
                        drive ? "--storage BYTES" : "--bucket NAME",
                        drive ? "Google Drive v3" : "Google Cloud Storage (JSON API)",
                        port(),
                        ACCOUNT,
                        drive
                                ? "  --storage BYTES  how much each account may store (15 GiB)\n"
                                : "  --bucket NAME    a bucket (bucket)\n",
                        lines(FaultNames.all()),
                        lines(Arrays.stream(Step.values()).map(Step::word).toList()));
    }

    /// Words, a few to a line.
    private static String lines(List<String> words) {
        var lines = new ArrayList<String>();
        for (int from = 0; from < words.size(); from += 8) {
            lines.add(String.join(" ", words.subList(from, Math.min(from + 8, words.size()))));
        }
        return lines.stream().collect(Collectors.joining("\n          "));
    }
}
