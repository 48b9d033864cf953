package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationPageTest {
    private static final String COMMAND =
            "dev/mvn -pl app -am test -Dtest=ConfigurationPageTest -Dsurefire.failIfNoSpecifiedTests=false -Dsluice.regenerate=true";

    @Test
    void thePageSaysWhatTheSettingsAre() throws IOException {
        Path page = Path.of("..", "docs", "configuration.md").toAbsolutePath().normalize();
        String text = ConfigurationPage.text(COMMAND);
        if (Boolean.getBoolean("sluice.regenerate")) {
            Files.createDirectories(page.getParent());
            Files.writeString(page, text);
        }
        assertThat(Files.exists(page) ? Files.readString(page) : "")
                .as("docs/configuration.md is not what the settings are; type: " + COMMAND)
                .isEqualTo(text);
    }

    @Test
    void everySettingHasAMeaning() {
        assertThat(ConfigurationPage.settings())
                .isNotEmpty()
                .allSatisfy(setting ->
                        assertThat(setting.meaning()).as(setting.key()).endsWith("."));
    }
}
