package dev.sluice.bench;

import dev.sluice.app.Configuration;
import dev.sluice.app.DataFolder;
import dev.sluice.app.Logs;
import dev.sluice.app.Settings;
import dev.sluice.app.StorageKind;
import dev.sluice.server.SluiceServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The server as `sluice serve` has it, on a storage that keeps nothing.
///
/// `BenchServer DATA PORT [KEY=VALUE …]`: PORT is that of a [SinkProcess], 0 where bytes are to be forgotten.
final class BenchServer {
    private static final String KIND = "sink";

    private BenchServer() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path data = Path.of(arguments[0]);
        int port = Integer.parseInt(arguments[1]);
        var flags = new HashMap<String, String>();
        for (int i = 2; i < arguments.length; i++) {
            String[] pair = arguments[i].split("=", 2);
            flags.put(pair[0], pair[1]);
        }
        flags.put("storages.local.kind", KIND);
        StorageKind kind = (site, storage) -> port == 0
                ? SinkStorage.forgetting()
                : SinkStorage.sendingTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));

        Settings settings = Configuration.load(data, null, flags, Map.of()).settings();
        DataFolder folder = DataFolder.open(data);
        Logs.configure(folder.path(), settings.log());
        SluiceServer server = SluiceServer.start(folder, settings, Map.of(KIND, kind));
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
        server.setupLink().ifPresent(link -> System.out.println("setup " + link));
        System.out.println("ready " + server.url());
        server.join();
    }
}
