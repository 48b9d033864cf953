package dev.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeerProcessTest {
    @Test
    void whenItIsClosedProcessAndFolderAreGone() {
        PeerProcess peer = PeerProcess.start("web", PeerProcessTest::web);
        assertThat(peer.alive()).isTrue();
        assertThat(peer.folder()).isEmptyDirectory();
        peer.close();
        assertThat(ProcessHandle.of(peer.pid()).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(peer.folder().getParent()).doesNotExist();
    }

    @Test
    void oneThatEndsAtOnceIsReportedWithWhatItSaid() {
        assertThatThrownBy(() -> PeerProcess.start(
                        "broken", (folder, ports) -> List.of("sh", "-c", "echo there is no moon; exit 3")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("broken ended")
                .hasMessageContaining("there is no moon");
    }

    @Test
    void itDiesWithAJvmThatIsKilled() throws IOException {
        Process jvm = new ProcessBuilder(
                        java(),
                        "-Xmx64m",
                        "-cp",
                        place(PeerProcess.class) + File.pathSeparator + place(PeerProcessTest.class),
                        Starter.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long pid;
        Path folder;
        try (var said = jvm.inputReader()) {
            pid = Long.parseLong(said.readLine());
            folder = Path.of(said.readLine());
        } finally {
            jvm.destroyForcibly();
        }
        await().atMost(Duration.ofSeconds(10))
                .until(() ->
                        ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
        // Nobody is left to delete what it has written.
        Files.delete(folder.resolve("data"));
        Files.delete(folder.resolve("log"));
        Files.delete(folder);
    }

    /// A JVM that starts a server from a thread that ends, and stays.
    static final class Starter {
        public static void main(String[] args) throws InterruptedException {
            Thread.ofVirtual()
                    .start(() -> {
                        PeerProcess peer = PeerProcess.start("web", PeerProcessTest::web);
                        System.out.println(peer.pid());
                        System.out.println(peer.folder().getParent());
                    })
                    .join();
            Thread.sleep(Duration.ofMinutes(1));
        }
    }

    private static List<String> web(Path folder, List<Integer> ports) {
        return List.of(
                java(),
                "-Xmx32m",
                "-m",
                "jdk.httpserver",
                "-b",
                "127.0.0.1",
                "-p",
                ports.getFirst().toString());
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String place(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation().getPath();
    }
}
