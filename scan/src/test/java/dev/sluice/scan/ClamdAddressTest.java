package dev.sluice.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClamdAddressTest {
    @Test
    void aPathIsALocalSocket() {
        assertThat(ClamdAddress.of("/run/clamav/clamd.ctl"))
                .isEqualTo(ClamdAddress.of("unix:/run/clamav/clamd.ctl"))
                .isEqualTo(new ClamdAddress.Local(Path.of("/run/clamav/clamd.ctl")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:3310", "10.0.0.7:1", "[::1]:65535", "clamd.example.org:3310"})
    void aHostAndAPortAreAnAddressAndReadAsTheyAreWritten(String text) {
        assertThat(ClamdAddress.of(text))
                .isInstanceOf(ClamdAddress.Remote.class)
                .hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "localhost", "localhost:", ":3310", "localhost:0", "localhost:65536", "::1:3310", "a b:1"})
    void anythingElseIsNone(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> ClamdAddress.of(text));
    }
}
