package dev.sluice.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// nginx, which serves the files of a folder: `/NAME` as fast as it can, `/slow/RATE/NAME` with so many bytes a second
/// on each connection.
public final class TestingNginx implements AutoCloseable {
    private static final String PROGRAM = "/usr/sbin/nginx";

    private final PeerProcess process;

    private TestingNginx() {
        process = PeerProcess.start("nginx", TestingNginx::command);
    }

    public static TestingNginx start() {
        return new TestingNginx();
    }

    private static List<String> command(Path folder, List<Integer> ports) throws IOException {
        Files.createDirectories(folder.resolve("files"));
        Path configuration = folder.resolve("nginx.conf");
        Files.writeString(configuration, """
                daemon off;
                user %1$s;
                worker_processes 1;
                pid %2$s/nginx.pid;
                error_log %2$s/error.log;
                events {
                    worker_connections 1024;
                }
                http {
                    access_log %2$s/access.log;
                    sendfile on;
                    default_type application/octet-stream;
                    types {
                        text/html html;
                        video/mp4 mp4;
                        application/vnd.apple.mpegurl m3u8;
                        application/dash+xml mpd;
                    }
                    server {
                        listen 127.0.0.1:%3$d;
                        root %2$s/files;
                        location ~ ^/slow/([0-9]+)/(.*)$ {
                            set $limit_rate $1;
                            rewrite ^/slow/[0-9]+/(.*)$ /$1 break;
                        }
                    }
                }
                """.formatted(System.getProperty("user.name"), folder, ports.getFirst()));
        return List.of(
                PROGRAM,
                "-p",
                folder.toString(),
                "-e",
                folder.resolve("error.log").toString(),
                "-c",
                configuration.toString());
    }

    /// Where files are put that it is to serve.
    public Path files() {
        return process.folder().resolve("files");
    }

    public URI url(String path) {
        return URI.create("http://127.0.0.1:" + process.port() + "/" + path);
    }

    /// The bytes of bodies that it has sent, of those requests that are over.
    public long sent() {
        try {
            return Files.readAllLines(process.folder().resolve("access.log")).stream()
                    .map(line -> line.split("\" ")[1].split(" ")[1])
                    .mapToLong(Long::parseLong)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Drops all connections, at whatever byte they are: the processes that serve them are killed and replaced.
    /// What they have sent then counts for nothing in [#sent].
    public void dropConnections() {
        ProcessHandle.of(process.pid()).orElseThrow().children().forEach(ProcessHandle::destroyForcibly);
    }

    @Override
    public void close() {
        process.close();
    }
}
