package dev.sluice.categories;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {
    @Test
    void theSameBrandsGiveTheSameModelToTheLastByte() throws IOException {
        List<Brand> some = Brand.all().stream().filter(Brand::shop).limit(500).toList();
        assertThat(bytes(Training.model(some, "v"))).isEqualTo(bytes(Training.model(some, "v")));
    }

    @Test
    void aModelIsReadAsItWasWritten() throws IOException {
        Model model = Model.load();
        Model again = Model.read(new ByteArrayInputStream(bytes(model)));
        assertThat(again.version()).isEqualTo(model.version()).startsWith("c1-");
        assertThat(bytes(again)).isEqualTo(bytes(model));
    }

    @Test
    void aFileThatIsNoModelIsRefused() {
        assertThatIOException().isThrownBy(() -> Model.read(new ByteArrayInputStream(new byte[100])));
    }

    @Test
    void aModelIsMadeWhereThereIsNoneAndNotAgainWhereNothingChanged(@TempDir Path classes) throws IOException {
        Path file = classes.resolve("dev/sluice/categories").resolve(Model.FILE);
        Files.createDirectories(file.getParent());
        Training.main(new String[] {classes.toString()});
        FileTime old = FileTime.fromMillis(1_000);
        Files.setLastModifiedTime(file, old);
        Training.main(new String[] {classes.toString()});
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(old);
        Files.writeString(file.resolveSibling("brands.tsv"), "another");
        Training.main(new String[] {classes.toString()});
        assertThat(Files.getLastModifiedTime(file)).isNotEqualTo(old);
    }

    private static byte[] bytes(Model model) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        model.write(bytes);
        return bytes.toByteArray();
    }
}
