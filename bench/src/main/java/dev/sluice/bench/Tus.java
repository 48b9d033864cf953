package dev.sluice.bench;

/// What a client of tus 1.0.0 says.
final class Tus {
    private static final String RESUMABLE = "Tus-Resumable: 1.0.0\r\n";

    private Tus() {}

    /// Makes an upload.
    ///
    /// @return its path
    static String create(HttpConnection http, long size) {
        HttpConnection.Answer answer = http.ask(
                        "POST",
                        "/files",
                        RESUMABLE + "Upload-Length: " + size + "\r\nUpload-Metadata: filename ZmlsbS5tcDQ=\r\n",
                        "")
                .expect(201);
        String location = answer.headers().getOrDefault("location", "");
        int scheme = location.indexOf("://");
        return scheme < 0 ? location : location.substring(location.indexOf('/', scheme + 3));
    }

    static String patchHeaders(long offset) {
        return RESUMABLE + "Content-Type: application/offset+octet-stream\r\nUpload-Offset: " + offset + "\r\n";
    }

    static void delete(HttpConnection http, String path) {
        http.ask("DELETE", path, RESUMABLE, "").expect(204);
    }
}
