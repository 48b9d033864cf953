package dev.sluice.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.transfer.s3.S3TransferManager;

/// A rival: the SDK's own transfer manager over its Java client and Netty, as they come. Each `POST /KEY` uploads the
/// file once and is answered when it is there.
///
/// `TransferManagerProcess ENDPOINT FILE`; its jars lie apart from the server's.
final class TransferManagerProcess {
    private TransferManagerProcess() {}

    public static void main(String[] arguments) throws IOException {
        var endpoint = URI.create(arguments[0]);
        Path file = Path.of(arguments[1]);
        S3AsyncClient client = S3AsyncClient.builder()
                .multipartEnabled(true)
                .httpClient(new Plain(NettyNioAsyncHttpClient.create()))
                .endpointOverride(URI.create("https://" + endpoint.getAuthority()))
                .forcePathStyle(true)
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(S3Service.ACCESS_KEY, S3Service.SECRET_KEY)))
                .build();
        S3TransferManager manager = S3TransferManager.builder().s3Client(client).build();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> upload(manager, file, exchange));
        server.start();
        System.out.println("ready " + server.getAddress().getPort());
    }

    private static void upload(S3TransferManager manager, Path file, HttpExchange exchange) throws IOException {
        String key = exchange.getRequestURI().getPath().substring(1);
        int status = 200;
        String said = "";
        try {
            manager.uploadFile(upload -> upload.source(file)
                            .putObjectRequest(
                                    put -> put.bucket(S3Service.BUCKET).key(key)))
                    .completionFuture()
                    .join();
        } catch (CompletionException e) {
            status = 500;
            said = String.valueOf(e.getCause());
        }
        byte[] body = said.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /// Speaks HTTP where the SDK thinks that it is HTTPS, as ours does: over what it knows to be plain it signs every
    /// byte, which nobody in the field has it do.
    private record Plain(SdkAsyncHttpClient client) implements SdkAsyncHttpClient {
        @Override
        public CompletableFuture<Void> execute(AsyncExecuteRequest asked) {
            return client.execute(AsyncExecuteRequest.builder()
                    .request(asked.request().toBuilder().protocol("http").build())
                    .requestContentPublisher(asked.requestContentPublisher())
                    .responseHandler(asked.responseHandler())
                    .fullDuplex(asked.fullDuplex())
                    .metricCollector(asked.metricCollector().orElse(null))
                    .httpExecutionAttributes(asked.httpExecutionAttributes())
                    .build());
        }

        @Override
        public String clientName() {
            return client.clientName();
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
