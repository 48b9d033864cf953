package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/// Bodies of forms, cut anywhere: each is taken apart, or refused as the client's fault, and no part ends that did not
/// begin. The first byte says where it is cut; a zero ends the `Content-Type` that stands before the body. For
/// `dev/fuzz`.
public final class FormFuzz {
    private FormFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        int zero = 1;
        while (zero < bytes.length && bytes[zero] != 0) {
            zero++;
        }
        if (zero >= bytes.length) {
            return;
        }
        String type = "multipart/form-data; " + new String(bytes, 1, zero - 1, StandardCharsets.ISO_8859_1);
        byte[] body = Arrays.copyOfRange(bytes, zero + 1, bytes.length);
        int cut = Math.min(body.length, bytes[0] & 0xff);
        try {
            var parser = new FormParser(FormParser.boundary(type), 10, new Ordered());
            parser.parse(Content.Chunk.from(ByteBuffer.wrap(body, 0, cut), false));
            parser.parse(Content.Chunk.from(ByteBuffer.wrap(body, cut, body.length - cut), true));
        } catch (ProblemException e) {
            if (e.code() != ErrorCode.INVALID_REQUEST) {
                throw new AssertionError(e.problem().message(), e);
            }
        }
    }

    private static final class Ordered implements FormParser.Parts {
        private boolean open;

        @Override
        public void begin(String name, @Nullable String filename, @Nullable String type) {
            require(!open);
            open = true;
        }

        @Override
        public void content(ByteBuffer bytes) {
            require(open);
            bytes.position(bytes.limit());
        }

        @Override
        public void end() {
            require(open);
            open = false;
        }

        private static void require(boolean holds) {
            if (!holds) {
                throw new AssertionError("parts out of order");
            }
        }
    }
}
