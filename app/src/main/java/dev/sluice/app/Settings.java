package dev.sluice.app;

import dev.sluice.storage.Durability;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Everything that can be configured: by a YAML file, by `SLUICE_…` variables of the environment, by flags. A
/// key that is not here fails the start.
@ConfigMapping(prefix = Configuration.PREFIX)
public interface Settings {
    Server server();

    Auth auth();

    Cors cors();

    State state();

    @WithName("storages")
    Map<String, StorageSettings> storages();

    @Doc("The storage that takes files where none is asked for.")
    @WithDefault("local")
    String storage();

    Secrets secrets();

    Upload upload();

    Download download();

    Imports imports();

    Scan scan();

    Websocket websocket();

    @WithName("notify")
    Notify notifications();

    Files files();

    Operations operations();

    Limits limits();

    Log log();

    /// The addresses and bounds of the HTTP server.
    interface Server {
        @Doc("The address to listen on. Anything but a loopback address needs auth.mode: accounts.")
        @WithDefault("127.0.0.1")
        String host();

        @Doc("The port to listen on; 0 takes any free one.")
        @WithDefault("8080")
        int port();

        @Doc("Further addresses to listen on, as host:port.")
        Optional<List<String>> listen();

        @Doc("Names beside loopback ones that a request's Host may carry.")
        Optional<List<String>> hosts();

        @Doc("The address under which others reach this server, as https://files.example.com: what links to files"
                + " begin with, and a name that a request's Host may carry. Without it a link begins as the"
                + " request for it came.")
        Optional<String> publicUrl();

        @Doc("The most connections at a time on all addresses; a further one waits to be accepted.")
        @WithDefault("20000")
        int maxConnections();

        @Doc("How long a connection may be silent before it is freed.")
        @WithDefault("60s")
        Duration idleTimeout();

        @Doc("How long a stop waits for clients to let go.")
        @WithDefault("10s")
        Duration drainTimeout();

        Tls tls();

        @Doc("Networks of proxies that are believed when they say whom they ask for, as 10.0.0.0/8; what others say of"
                + " that is passed over.")
        Optional<List<String>> trustedProxies();

        @Doc("By which headers those proxies say it: x-forwarded (X-Forwarded-For, X-Forwarded-Proto) or forwarded"
                + " (RFC 7239). The others are not looked at: a proxy that does not know them would pass on what a"
                + " client has made up.")
        @WithDefault("x-forwarded")
        String proxyHeaders();
    }

    /// Who this server is to those who come by TLS.
    interface Tls {
        @Doc(
                "The PEM file of the server's certificate, followed by those that vouch for it; with it all addresses"
                        + " speak TLS, HTTP/1.1 and HTTP/2, and no longer plain HTTP. The file is read again once it has changed.")
        Optional<Path> certificate();

        @Doc("The PEM file of the key that belongs to the certificate, without a password.")
        Optional<Path> key();
    }

    /// Who may come in.
    interface Auth {
        @Doc("Who may use this server: local: whoever reaches it, which only loopback addresses allow; accounts: those"
                + " who log in, and who comes through the socket in the data folder.")
        @WithDefault("local")
        AuthMode mode();

        @Doc(
                "accounts: whether uploads and downloads are open to whoever does not log in. There the id of a file is the"
                        + " right to see and to stop it, and no list is shown.")
        @WithDefault("false")
        boolean guest();

        @Doc("accounts: how long a session lasts after a login or a refresh.")
        @WithDefault("12h")
        @WithConverter(Configuration.Period.class)
        Duration sessionAge();

        @Doc("accounts: how long a session lasts at the most, however often it is refreshed.")
        @WithDefault("30d")
        @WithConverter(Configuration.Period.class)
        Duration sessionLimit();

        @Doc("accounts: how many logins to one account may fail before the next one has to wait.")
        @WithDefault("5")
        int freeFailures();

        @Doc("accounts: how long entries of the audit log are kept.")
        @WithDefault("365d")
        @WithConverter(Configuration.Period.class)
        Duration auditAge();

        Oidc oidc();
    }

    /// An issuer of OpenID Connect that vouches for users.
    interface Oidc {
        @Doc("accounts: the issuer of OpenID Connect by which users log in too, as https://login.example.com/realms/x:"
                + " exactly as its tokens name it. Where it does what, it says itself (discovery).")
        Optional<String> issuer();

        @Doc("By which id the issuer knows this server. It has to know server.public-url with"
                + " /api/v1/auth/oidc/callback behind it, too, as the address to return to.")
        Optional<String> clientId();

        @Doc("The secret that belongs to client-id; without it PKCE alone shows that it is us.")
        @Secret
        Optional<String> clientSecret();

        @Doc("A file with that secret alone, in the place of client-secret.")
        Optional<Path> clientSecretFile();

        @Doc(
                "The audience that a token must name which somebody brings as Authorization: Bearer; without it client-id.")
        Optional<String> audience();

        @Doc("What a login asks for.")
        @WithDefault("openid,profile,email")
        List<String> scopes();

        @Doc("The claim that says what somebody is here, at each login anew, as groups or realm_access.roles; without"
                + " it an admin says so.")
        Optional<String> roleClaim();

        @Doc("Values of role-claim that make somebody an admin.")
        Optional<List<String>> admins();

        @Doc("Values of role-claim that make somebody a user.")
        Optional<List<String>> users();

        @Doc("Values of role-claim that make somebody a viewer.")
        Optional<List<String>> viewers();

        @Doc("What somebody becomes of whom role-claim says nothing: admin, user, viewer; none: nothing, and is"
                + " refused.")
        @WithDefault("none")
        String role();
    }

    /// Which pages of other origins may use this server.
    interface Cors {
        @Doc("Origins that may call and open sockets, as https://app.example.com; * stands for any part of a name.")
        Optional<List<String>> origins();
    }

    /// Where jobs and events are kept.
    interface State {
        @Doc("The JDBC address of a PostgreSQL database; without it, SQLite in the data folder.")
        Optional<String> url();

        @Doc("The database's user.")
        Optional<String> user();

        @Doc("The database's password.")
        @Secret
        Optional<String> password();

        @Doc("How long events are kept for replay.")
        @WithDefault("7d")
        @WithConverter(Configuration.Period.class)
        Duration eventAge();

        @Doc("How many events are kept for replay at the most.")
        @WithDefault("1000000")
        long eventCount();
    }

    /// A place for files.
    interface StorageSettings {
        @Doc("What sort of storage this is: local, s3, azure, gcs, gdrive.")
        @WithDefault("local")
        String kind();

        @Doc("local: the folder that holds the files.")
        @Place(order = 1)
        @WithDefault("files")
        Path path();

        @Doc("local: what a completed file survives: a power cut, or the death of this process.")
        @WithDefault("power")
        Durability durability();

        @Doc("local: space that is left free on the disk.")
        @WithDefault("256 MiB")
        @WithConverter(Configuration.Size.class)
        ByteSize reserve();

        @Doc("s3, gcs: the bucket that holds the files; it must be there.")
        @Place(order = 1, word = "bucket")
        Optional<String> bucket();

        @Doc("s3: where the service is, as https://minio.example.com:9000; without it Amazon's own in the region."
                + " azure: where the blob service is, with the account in its path where it is not in its host;"
                + " without it Azure's own. gcs, gdrive: where the API is, and OAuth with it; without it Google's own.")
        @Place(order = 3, word = "at")
        Optional<String> endpoint();

        @Doc("s3: the region of the bucket.")
        @Place(order = 2, word = "in")
        @WithDefault("us-east-1")
        String region();

        @Doc("s3: who asks; without it, what the environment says: AWS_ACCESS_KEY_ID, ~/.aws, a machine's role.")
        Optional<String> accessKey();

        @Doc("s3: the secret that belongs to access-key.")
        @Secret
        Optional<String> secretKey();

        @Doc("s3, azure, gcs: what stands before the name of every file, as team/clips.")
        @Place(order = 4, word = "under")
        Optional<String> prefix();

        @Doc("s3: whether the bucket is named in the path and not in the host, as most services but Amazon's want it.")
        @WithDefault("false")
        boolean pathStyle();

        @Doc("azure: the container that holds the files; it must be there.")
        @Place(order = 1, word = "container")
        Optional<String> container();

        @Doc("azure: the storage account.")
        @Place(order = 2, word = "of")
        Optional<String> account();

        @Doc("azure: one of the account's access keys.")
        @Secret
        Optional<String> accountKey();

        @Doc("azure: in the place of account-key, the token of a shared access signature of the container that lets"
                + " us read, write and delete.")
        @Secret
        Optional<String> sasToken();

        @Doc("gcs, gdrive: the key file of a service account, as Google's console gives it; gdrive takes several."
                + " Without it gcs takes what the environment says in the ways of Google's tools.")
        Optional<List<Path>> credentials();

        @Doc("gdrive: the id of a shared drive; without it the account's own drive.")
        @Place(order = 2, word = "of shared drive")
        Optional<String> drive();

        @Doc("gdrive: the folder that holds the files, by its path from the drive's root, as Team/clips.")
        @Place(order = 1, word = "folder")
        Optional<String> folder();

        @Doc("gdrive: the folder that holds the files, by its id, in the place of folder.")
        @Place(order = 1, word = "folder")
        Optional<String> folderId();

        @Doc("gdrive: whether folders of the path that are missing are made.")
        @WithDefault("false")
        boolean createFolder();

        @Doc("gdrive: the id of a client of the type \"Desktop app\", by which users connect their accounts.")
        Optional<String> clientId();

        @Doc("gdrive: the secret that belongs to client-id.")
        @Secret
        Optional<String> clientSecret();

        @Doc("gdrive: what connected accounts are asked for: drive.file reaches what Sluice has made, drive everything,"
                + " as folders that others have made.")
        @WithDefault("drive.file")
        String scope();
    }

    /// How secrets lie on the disk.
    interface Secrets {
        @Doc("The key, 32 random bytes in Base64, that providers' secrets and kept bytes are encrypted with; without"
                + " it one is made in the data folder (secrets.key).")
        @Secret
        Optional<String> key();
    }

    /// What uploads may be.
    interface Upload {
        @Doc("The most bytes of one file.")
        @WithDefault("10 GiB")
        @WithConverter(Configuration.Size.class)
        ByteSize maxSize();

        @Doc("The most bytes, of all chunks together, that lie in the data folder until their checksum is verified;"
                + " no chunk with a checksum can be larger.")
        @WithDefault("1 GiB")
        @WithConverter(Configuration.Size.class)
        ByteSize unverified();

        @Doc("Memory, outside the heap, for parts on their way to cloud storages, all together; one storage takes"
                + " half of it at the most. A part has 8 MiB; the least is 16 MiB.")
        @WithDefault("128 MiB")
        @WithConverter(Configuration.Size.class)
        ByteSize buffers();

        @Doc("The most files of one batch.")
        @WithDefault("10000")
        int maxFiles();

        @Doc("File name extensions that are refused.")
        @WithDefault(
                "exe,com,bat,cmd,msi,scr,pif,vbs,vbe,jse,wsf,wsh,ps1,hta,cpl,msc,jar,app,dmg,deb,rpm,apk,dll,sh,bash,run,appimage")
        List<String> blockedExtensions();

        @Doc("Media types that are refused.")
        @WithDefault("application/x-msdownload,application/x-dosexec,application/x-msdos-program,"
                + "application/vnd.microsoft.portable-executable,application/x-executable,application/x-sh,"
                + "application/x-msi,application/java-archive")
        List<String> blockedTypes();

        @Doc("How long an upload waits for a client that never showed that it can resume.")
        @WithDefault("60s")
        Duration lostPatience();

        @Doc("How long an upload waits for a client that can resume, for one that has not begun; and any job that is"
                + " paused, until it fails as `expired`.")
        @WithDefault("24h")
        Duration patience();
    }

    /// What is fetched from elsewhere, and how fast.
    interface Download {
        @Doc("The most bytes of one file.")
        @WithDefault("100 GiB")
        @WithConverter(Configuration.Size.class)
        ByteSize maxSize();

        @Doc("How many downloads run at a time; others wait for their turn.")
        @WithDefault("16")
        int concurrent();

        @Doc("How many of them may be one owner's.")
        @WithDefault("16")
        int perOwner();

        @Doc("How many of them may fetch from one host.")
        @WithDefault("8")
        int perHost();

        @Doc("The most connections at a time for one file, where its server sends parts.")
        @WithDefault("4")
        int connections();

        @Doc("The most bytes a second of all downloads together; without it as fast as they come.")
        @WithConverter(Configuration.Size.class)
        Optional<ByteSize> bandwidth();

        @Doc("The most bytes a second of all downloads from one host.")
        @WithConverter(Configuration.Size.class)
        Optional<ByteSize> hostBandwidth();

        @Doc("Networks that may be fetched from although their addresses are not public, as 127.0.0.0/8 or"
                + " fd00::/8.")
        Optional<List<String>> allowNetworks();

        @Doc("The command that knows what pages show; it is looked for on the PATH where it has no slash.")
        @WithDefault("yt-dlp")
        String ytDlp();

        @Doc("The command that puts picture and sound together, and sound into other formats.")
        @WithDefault("ffmpeg")
        String ffmpeg();

        @Doc("How long the link to a completed download works, from its completion.")
        @WithDefault("24h")
        Duration linkAge();
    }

    /// What comes into the database.
    interface Imports {
        @Doc("The most bytes of one file.")
        @WithDefault("512 MiB")
        @WithConverter(Configuration.Size.class)
        ByteSize maxSize();

        @Doc("How many imports run at a time; others wait for their turn.")
        @WithDefault("2")
        int concurrent();

        @Doc("How many rows of a file may be wrong before its import fails.")
        @WithDefault("1000")
        int maxErrors();

        @Doc("The currency of amounts where neither the file nor the request says it, as EUR; without it such rows have"
                + " XXX, which is none.")
        Optional<String> currency();
    }

    /// Who looks at files before they are imported.
    interface Scan {
        @Doc("Where clamd listens: the path of its socket, or host:port. Without it only the built-in checks look.")
        Optional<String> clamd();

        @Doc("What follows where clamd cannot say that a file is clean: required (the default where scan.clamd is set):"
                + " its import fails; optional: it goes on with a warning; off: clamd is not asked.")
        Optional<String> mode();

        @Doc("How long clamd may take for its verdict.")
        @WithDefault("130s")
        Duration timeout();

        @Doc("The least of clamd's StreamMaxLength, MaxFileSize and MaxScanSize: a larger file it does not look at,"
                + " which is not clean.")
        @WithDefault("25 MiB")
        @WithConverter(Configuration.Size.class)
        ByteSize streamLimit();
    }

    /// How users are told of the ends of their jobs when nobody looks at the page.
    interface Notify {
        @Doc(
                "Networks that webhooks and push services may lie in although their addresses are not public, as 127.0.0.0/8"
                        + " or fd00::/8.")
        Optional<List<String>> allowNetworks();

        @Doc("Whom a push service may ask about this server: mailto: or https: and an address. Some refuse what comes"
                + " from localhost.")
        @WithDefault("mailto:sluice@localhost")
        String contact();

        @Doc("How long a receiver may take for its answer.")
        @WithDefault("15s")
        @WithConverter(Configuration.Period.class)
        Duration timeout();

        @Doc("The longest wait after the first try of a message; it doubles with each try, and half of it or more is"
                + " waited.")
        @WithDefault("5s")
        @WithConverter(Configuration.Period.class)
        Duration firstWait();

        @Doc("No wait is longer, but where the receiver asks for that.")
        @WithDefault("1h")
        @WithConverter(Configuration.Period.class)
        Duration longestWait();

        @Doc("How long a message is tried before it is given up.")
        @WithDefault("3d")
        @WithConverter(Configuration.Period.class)
        Duration age();

        @Doc("How long messages that are over can be looked up and sent again.")
        @WithDefault("7d")
        @WithConverter(Configuration.Period.class)
        Duration kept();
    }

    /// The sockets of those who watch.
    interface Websocket {
        @Doc("Whether imports can be watched at /ws/upload-progress.")
        @WithDefault("true")
        boolean enabled();

        @Doc("The most connections to /ws/upload-progress of one user, or one address; those of the local owner are not"
                + " limited.")
        @WithDefault("5")
        int maxConnectionsPerUser();

        @Doc("How long the client of a connection to /ws/upload-progress may give no sign of life: a message, or the"
                + " answer to a heartbeat.")
        @WithDefault("300s")
        Duration idleTimeout();

        @Doc("The most messages per second that a client of /ws/upload-progress may send.")
        @WithDefault("10")
        int messagesPerSecond();

        @Doc("The largest message that a client of /ws/upload-progress may send.")
        @WithDefault("1 KiB")
        @WithConverter(Configuration.Size.class)
        ByteSize maxMessageSize();

        @Doc("How much a watcher may fall behind in events before it is closed as slow.")
        @WithDefault("1 MiB")
        @WithConverter(Configuration.Size.class)
        ByteSize outbox();

        @Doc("Between two heartbeats.")
        @WithDefault("30s")
        Duration heartbeat();

        @Doc("How long one message may take to be written before its watcher is closed as slow.")
        @WithDefault("30s")
        Duration writeTimeout();

        Control control();
    }

    /// What the clients of `/ws/jobs`, `/ws/operations` and `/ws/download` may send.
    interface Control {
        @Doc("The most connections of one user, or one address, to /ws/jobs, /ws/operations, /ws/download and"
                + " /api/v1/events together; those of the local owner are not limited.")
        @WithDefault("64")
        int maxConnectionsPerUser();

        @Doc("The most messages per second that a client of /ws/jobs, /ws/operations or /ws/download may" + " send.")
        @WithDefault("10")
        int messagesPerSecond();

        @Doc("The largest message that a client of /ws/jobs, /ws/operations or /ws/download may" + " send.")
        @WithDefault("64 KiB")
        @WithConverter(Configuration.Size.class)
        ByteSize maxMessageSize();
    }

    /// What one client may take up, and one owner of jobs. Whoever owns this machine is not limited.
    interface Limits {
        @Doc("Networks whose clients are not limited by their address, nor by who they are.")
        @WithDefault("127.0.0.0/8,::1/128")
        List<String> exempt();

        @Doc("The most connections at a time from one address; a further one is told so and closed.")
        @WithDefault("256")
        int connectionsPerAddress();

        @Doc("The most requests in ten seconds of one user or API key, and of one address those of nobody known; they"
                + " may come all at once.")
        @WithDefault("1000")
        int requests();

        @Doc("How long the header of a request may take to come, and a connection to ask for something first.")
        @WithDefault("20s")
        Duration headerTimeout();

        @Doc("How slowly a client may send a body, or take an answer, per second of the time that it is waited for;"
                + " a slower one is cut.")
        @WithDefault("1 KiB")
        @WithConverter(Configuration.Size.class)
        ByteSize transferRate();

        @Doc("Over which time that is looked at.")
        @WithDefault("30s")
        Duration transferWindow();

        @Doc("The most jobs of one owner that have not ended, those that wait too.")
        @WithDefault("20000")
        int openJobs();

        @Doc("The most bytes, as far as they are known, of one owner's jobs that have not ended.")
        @WithDefault("10 TiB")
        @WithConverter(Configuration.Size.class)
        ByteSize openBytes();

        @Doc("The most jobs that one owner begins in a day, from midnight to midnight in UTC.")
        @WithDefault("100000")
        int jobsPerDay();

        @Doc("The most bytes, as far as they are known, of the jobs that one owner begins in a day.")
        @WithDefault("10 TiB")
        @WithConverter(Configuration.Size.class)
        ByteSize bytesPerDay();
    }

    /// Which of the disks' files others may have copied, moved and renamed.
    interface Files {
        @Doc("Absolute folders that file operations asked for over HTTP may touch; without any there are none. The"
                + " socket in the data folder has its user's own rights and needs none.")
        Optional<List<Path>> roots();
    }

    /// Where a desktop program watches file operations.
    interface Operations {
        @Doc("The port of 127.0.0.1 that takes its WebSocket; 0: none.")
        @WithDefault("8765")
        int port();

        @Doc("Origins whose pages may open that WebSocket, as http://localhost:5173; programs without one and"
                + " file:// always may.")
        Optional<List<String>> origins();
    }

    /// What is written down.
    interface Log {
        @Doc("How much is said: error, warn, info, debug.")
        @WithDefault("info")
        String level();

        @Doc("Whether requests are written to logs/access.jsonl in the data folder; those that change something"
                + " always go to logs/audit.jsonl.")
        @WithDefault("true")
        boolean access();
    }
}
