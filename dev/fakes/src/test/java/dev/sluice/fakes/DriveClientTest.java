package dev.sluice.fakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.ByteArrayContent;
import com.google.api.client.http.HttpBackOffIOExceptionHandler;
import com.google.api.client.http.HttpBackOffUnsuccessfulResponseHandler;
import com.google.api.client.http.HttpRequestInitializer;
import com.google.api.client.http.InputStreamContent;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.client.util.ExponentialBackOff;
import com.google.api.services.drive.Drive;
import com.google.api.services.drive.DriveScopes;
import com.google.api.services.drive.model.File;
import com.google.auth.http.HttpCredentialsAdapter;
import com.google.auth.oauth2.ServiceAccountCredentials;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Google's own client of Drive, unmodified, against the fake.
class DriveClientTest {
    private static final byte[] BYTES = Fixture.bytes(1_400_000);

    private FakeDrive fake;
    private Drive drive;

    @BeforeEach
    void start() throws IOException {
        fake = FakeDrive.start();
        HttpRequestInitializer credentials = new HttpCredentialsAdapter(
                ServiceAccountCredentials.fromStream(new ByteArrayInputStream(fake.account("robot@example.com")
                                .serviceAccountKey()
                                .getBytes(StandardCharsets.UTF_8)))
                        .createScoped(DriveScopes.DRIVE));
        drive = new Drive.Builder(new NetHttpTransport(), GsonFactory.getDefaultInstance(), request -> {
                    credentials.initialize(request);
                    request.setIOExceptionHandler(new HttpBackOffIOExceptionHandler(fast()));
                    request.setUnsuccessfulResponseHandler(new HttpBackOffUnsuccessfulResponseHandler(fast()));
                })
                .setRootUrl(fake.url() + "/")
                .setApplicationName("test")
                .build();
    }

    private static ExponentialBackOff fast() {
        return new ExponentialBackOff.Builder()
                .setInitialIntervalMillis(5)
                .setMaxElapsedTimeMillis(2_000)
                .build();
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    private Drive.Files.Create create(String name, byte[] bytes) throws IOException {
        Drive.Files.Create create = drive.files()
                .create(new File().setName(name), new ByteArrayContent("text/plain", bytes))
                .setFields("id,name,size,md5Checksum");
        create.getMediaHttpUploader().setChunkSize(512 << 10);
        return create;
    }

    @Test
    void uploadsInChunksAndReadsBack() throws IOException {
        File file = create("big", BYTES).execute();

        assertThat(file.getSize()).isEqualTo(BYTES.length);
        assertThat(file.getMd5Checksum()).isEqualTo(Fixture.md5(BYTES));
        assertThat(fake.calls().of(Step.START)).hasSize(1);
        assertThat(fake.calls().of(Step.CHUNK)).extracting(Call::status).containsExactly(308, 308, 200);
        assertThat(fake.openSessions()).isEmpty();

        var whole = new ByteArrayOutputStream();
        drive.files().get(file.getId()).executeMediaAndDownloadTo(whole);
        assertThat(whole.toByteArray()).isEqualTo(BYTES);

        var part = new ByteArrayOutputStream();
        Drive.Files.Get get = drive.files().get(file.getId());
        get.getRequestHeaders().setRange("bytes=100-299");
        get.executeMedia().download(part);
        assertThat(part.toByteArray()).isEqualTo(Arrays.copyOfRange(BYTES, 100, 300));
    }

    @Test
    void uploadsOneSmallFileAndAnEmptyOne() throws IOException {
        assertThat(create("small", new byte[] {1, 2, 3}).execute().getSize()).isEqualTo(3);
        assertThat(create("empty", new byte[0]).execute().getSize()).isZero();
    }

    @Test
    void uploadsInOneRequest() throws IOException {
        Drive.Files.Create create = create("direct", BYTES);
        create.getMediaHttpUploader().setDirectUploadEnabled(true);

        assertThat(create.execute().getMd5Checksum()).isEqualTo(Fixture.md5(BYTES));
        assertThat(fake.calls().of(Step.WHOLE)).hasSize(1);
    }

    @Test
    void uploadsWhatHasNoKnownSize() throws IOException {
        Drive.Files.Create create = drive.files()
                .create(
                        new File().setName("stream"),
                        new InputStreamContent("text/plain", new ByteArrayInputStream(BYTES)))
                .setFields("id,size,md5Checksum");
        create.getMediaHttpUploader().setChunkSize(256 << 10);

        assertThat(create.execute().getMd5Checksum()).isEqualTo(Fixture.md5(BYTES));
    }

    @Test
    void goesOnAfterADroppedConnectionAndABusyServer() throws IOException {
        fake.faults().after(1, Step.CHUNK, new Fault.DropAt(300_000));
        fake.faults().after(3, Step.CHUNK, new Fault.Refuse(Reason.UNAVAILABLE));

        File file = create("dropped", BYTES).execute();

        assertThat(file.getMd5Checksum()).isEqualTo(Fixture.md5(BYTES));
        assertThat(fake.calls().of(Step.QUERY)).isNotEmpty();
        assertThat(fake.faults().pending()).isEmpty();
    }

    @Test
    void followsAMovingSession() throws IOException {
        fake.faults().next(Step.CHUNK, 2, new Fault.MoveSession(false));

        assertThat(create("moving", BYTES).execute().getMd5Checksum()).isEqualTo(Fixture.md5(BYTES));
        assertThat(fake.calls().of(Step.CHUNK).stream().map(Call::path).distinct())
                .hasSizeGreaterThan(1);
    }

    @Test
    void listsChangesAndDeletes() throws IOException {
        String folder = drive.files()
                .create(new File().setName("it's here").setMimeType(DriveFile.FOLDER))
                .execute()
                .getId();
        String first = drive.files()
                .create(new File().setName("twin").setParents(List.of(folder)), new ByteArrayContent("a/b", BYTES))
                .execute()
                .getId();
        String second = drive.files()
                .create(new File().setName("twin").setParents(List.of(folder)), new ByteArrayContent("a/b", BYTES))
                .execute()
                .getId();

        assertThat(ids("name = 'it\\'s here' and mimeType = '" + DriveFile.FOLDER + "' and trashed = false"))
                .containsExactly(folder);
        assertThat(ids("'" + folder + "' in parents and name = 'twin'")).containsExactly(first, second);
        drive.files().update(first, new File().setName("renamed")).execute();
        assertThat(ids("name = 'twin'")).containsExactly(second);
        drive.files().delete(second).execute();
        assertThat(ids("'" + folder + "' in parents")).containsExactly(first);
        assertThatThrownBy(() -> drive.files().get(second).execute())
                .isInstanceOfSatisfying(
                        GoogleJsonResponseException.class,
                        e -> assertThat(e.getDetails().getErrors().getFirst().getReason())
                                .isEqualTo("notFound"));
    }

    private List<String> ids(String query) throws IOException {
        return drive.files().list().setQ(query).execute().getFiles().stream()
                .map(File::getId)
                .toList();
    }

    @Test
    void givesIdsBeforehandAndTellsTheQuota() throws IOException {
        fake.account("robot@example.com").storage(2_000_000);
        String id = drive.files().generateIds().setCount(1).execute().getIds().getFirst();
        File metadata = new File().setId(id).setName("known");
        drive.files().create(metadata, new ByteArrayContent("a/b", BYTES)).execute();

        assertThatThrownBy(() -> drive.files()
                        .create(metadata, new ByteArrayContent("a/b", new byte[1]))
                        .execute())
                .isInstanceOfSatisfying(
                        GoogleJsonResponseException.class,
                        e -> assertThat(e.getStatusCode()).isEqualTo(409));
        var quota = drive.about().get().setFields("storageQuota").execute().getStorageQuota();
        assertThat(quota.getLimit()).isEqualTo(2_000_000);
        assertThat(quota.getUsage()).isEqualTo(BYTES.length);
    }
}
