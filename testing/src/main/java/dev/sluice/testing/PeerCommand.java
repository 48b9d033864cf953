package dev.sluice.testing;

import java.util.concurrent.CountDownLatch;

/// Starts S3Proxy or Azurite for trying by hand, and says how Sluice is told of it: `dev/peer`.
final class PeerCommand {
    private static final String HELP = """
            Usage: dev/peer s3 | azure

            Starts a real service on a free port of 127.0.0.1 and prints the command that adds it as a storage: S3Proxy,
            which speaks S3 over a folder, or Azurite, Microsoft's own stand-in for Azure Blob (needs Node and npm). It
            ends, and its files with it, when it is interrupted.""";

    private PeerCommand() {}

    public static void main(String[] arguments) throws InterruptedException {
        String which = arguments.length == 1 ? arguments[0] : "";
        switch (which) {
            case "s3" -> ready(s3());
            case "azure" -> ready(azure());
            default -> {
                boolean asked = which.equals("--help") || which.equals("-h");
                (asked ? System.out : System.err).println(HELP);
                System.exit(asked ? 0 : 2);
            }
        }
    }

    private static String s3() {
        TestingS3Proxy s3 = TestingS3Proxy.start();
        return "SECRET=" + s3.secretKey() + " ./sluice storage add NAME --kind s3 --endpoint " + s3.endpoint()
                + " --bucket " + s3.newBucket() + " --access-key " + s3.accessKey() + " --secret-key-env SECRET";
    }

    private static String azure() {
        TestingAzurite azure = TestingAzurite.start();
        return "SECRET=" + azure.key() + " ./sluice storage add NAME --kind azure --endpoint " + azure.endpoint()
                + " --account " + azure.account() + " --container " + azure.newContainer()
                + " --account-key-env SECRET";
    }

    /// The shutdown hook of the peer ends it.
    private static void ready(String add) throws InterruptedException {
        System.out.println("add     " + add);
        new CountDownLatch(1).await();
    }
}
