package dev.sluice.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// nginx on a free port, in a folder of its own.
final class Nginx implements AutoCloseable {
    private static final String PROGRAM = "/usr/sbin/nginx";
    private static final String NCHAN = "/usr/lib/nginx/modules/ngx_nchan_module.so";

    private final Child child;
    private final InetSocketAddress address;

    private Nginx(Child child, InetSocketAddress address) {
        this.child = child;
        this.address = address;
    }

    /// Takes files by PUT into `folder/files`.
    static Nginx dav(Path folder) {
        return start(folder, "", "", """
                client_max_body_size 0;
                client_body_buffer_size 1m;
                client_body_temp_path %1$s/temp;
                location / {
                    root %1$s/files;
                    dav_methods PUT;
                    create_full_put_path on;
                }
                """.formatted(folder));
    }

    /// Gives the files of `folder/files`: `/NAME` as fast as it can, `/slow/RATE/NAME` so many bytes a second on each
    /// connection.
    static Nginx files(Path folder) {
        return start(
                folder,
                "",
                "types { video/mp4 mp4; application/vnd.apple.mpegurl m3u8; video/mp2t ts; application/dash+xml mpd; }",
                """
                location ~ ^/slow/([0-9]+)/(.*)$ {
                    set $limit_rate $1;
                    rewrite ^/slow/[0-9]+/(.*)$ /$1 break;
                    root %1$s/files;
                }
                location / {
                    root %1$s/files;
                }
                """.formatted(folder));
    }

    /// Passes on what is posted to `/publish` to those who have a WebSocket at `/watch`.
    static Nginx nchan(Path folder) {
        require(Path.of(NCHAN), "libnginx-mod-nchan");
        return start(folder, "load_module " + NCHAN + ";", "nchan_shared_memory_size 128m;", """
                keepalive_requests 1000000;
                client_body_temp_path %1$s/temp;
                location = /publish {
                    nchan_publisher;
                    nchan_channel_id all;
                    nchan_message_buffer_length 2000;
                }
                location = /watch {
                    nchan_subscriber websocket;
                    nchan_channel_id all;
                    nchan_subscriber_first_message newest;
                }
                """.formatted(folder));
    }

    private static Nginx start(Path folder, String module, String http, String server) {
        require(Path.of(PROGRAM), "nginx");
        int port = FreePort.find();
        Path configuration = folder.resolve("nginx.conf");
        try {
            Files.createDirectories(folder.resolve("files"));
            Files.writeString(configuration, """
                    daemon off;
                    user %s;
                    worker_processes 1;
                    worker_rlimit_nofile 20000;
                    pid %s/nginx.pid;
                    error_log %s/error.log;
                    %s
                    events {
                        worker_connections 16000;
                    }
                    http {
                        access_log off;
                        sendfile on;
                        tcp_nodelay on;
                        %s
                        server {
                            listen 127.0.0.1:%d backlog=4096;
                    %s
                        }
                    }
                    """.formatted(
                            System.getProperty("user.name"), folder, folder, module, http, port, server));
        } catch (IOException e) {
            throw new BenchException("cannot write " + configuration, e);
        }
        Child child = Child.start(
                folder.resolve("nginx.log"), List.of(PROGRAM, "-p", folder.toString(), "-c", configuration.toString()));
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        FreePort.awaitListener(address, child);
        return new Nginx(child, address);
    }

    private static void require(Path file, String of) {
        if (!Files.exists(file)) {
            throw new BenchException(
                    "there is no " + file + "; type: apt-get install -y --no-install-recommends " + of);
        }
    }

    static String version(Path log) {
        return Child.run(log, List.of(PROGRAM, "-v")).strip().replace("nginx version: nginx/", "nginx ");
    }

    InetSocketAddress address() {
        return address;
    }

    long pid() {
        return child.pid();
    }

    @Override
    public void close() {
        child.close();
    }
}
