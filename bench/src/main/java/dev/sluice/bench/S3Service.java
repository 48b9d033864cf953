package dev.sluice.bench;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// A service that speaks S3, in a process of its own, with one bucket.
interface S3Service extends Provider {
    String BUCKET = "bucket";
    String ACCESS_KEY = "sluice-access";
    String SECRET_KEY = "sluice-secret";

    InetSocketAddress address();

    /// Deletes what others than a server of ours have stored.
    void delete(String key);

    default String endpoint() {
        return "http://" + address().getHostString() + ":" + address().getPort();
    }

    /// The settings of a storage of that name, to which files go where none is asked for.
    default List<String> standard(String storage) {
        var settings = new ArrayList<>(settings(storage));
        settings.add("storage=" + storage);
        return settings;
    }

    /// The settings of a storage of that name.
    default List<String> settings(String storage) {
        String key = "storages." + storage + ".";
        return List.of(
                key + "kind=s3",
                key + "endpoint=" + endpoint(),
                key + "bucket=" + BUCKET,
                key + "path-style=true",
                key + "access-key=" + ACCESS_KEY,
                key + "secret-key=" + SECRET_KEY);
    }
}
