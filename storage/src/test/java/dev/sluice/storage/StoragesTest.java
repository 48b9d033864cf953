package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class StoragesTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Storages open(String... names) {
        var byName = new HashMap<String, Storage>();
        for (String name : names) {
            byName.put(name, new LocalStorage(folder.resolve(name), Durability.PROCESS, 0));
        }
        return new Storages(byName, names[0]);
    }

    @Test
    void aStorageIsNamedOrItsKindWhereOnlyOneHasItOrNothingForTheDefault() {
        try (Storages one = open("disk");
                Storages two = open("one", "two")) {
            assertThat(one.resolve("local")).isEqualTo("disk");
            assertThat(one.resolve("")).isEqualTo("disk");
            assertThat(two.resolve(null)).isEqualTo("one");
            assertThat(two.resolve("two")).isEqualTo("two");
            assertThat(two.standard()).isEqualTo("one");
        }
    }

    @Test
    void aNameIsNotTakenForAKind() {
        try (Storages both = open("disk", "local")) {
            assertThat(both.resolve("local")).isEqualTo("local");
        }
    }

    @Test
    void whatIsNotThereIsRefusedWithWhatIs() {
        try (Storages two = open("two", "one")) {
            refused(two, "moon", "there is no storage \"moon\"; there are: one, two");
            refused(two, "s3", "there is no storage \"s3\"; there are: one, two");
            refused(two, "local", "several storages are of the kind local: name one of one, two");
        }
    }

    private static void refused(Storages storages, String asked, String said) {
        assertThatThrownBy(() -> storages.resolve(asked)).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.problem().message()).isEqualTo(said);
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(e.problem().details()).isEqualTo(Map.of("field", "storage"));
        });
    }
}
