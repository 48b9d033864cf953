package dev.sluice.categories;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// A multinomial logistic regression over [Features], its weights in bytes, its confidence scaled by a temperature that
/// was found on brands it had not seen. Immutable.
final class Model {
    /// Where the build puts it, beside this class.
    static final String FILE = "categories.model";

    /// Classes per row of weights; more than there are, so that a row is sixteen bytes.
    static final int WIDTH = 16;
    /// So many rows can be added up in lanes of sixteen bits.
    static final int MOST_FEATURES = 256;

    private static final long LANES = 0x00ff00ff00ff00ffL;
    private static final int ZERO = 128;
    private static final int MAGIC = 0x534c4331;

    private final String version;
    private final List<Category> classes;
    private final float scale;
    private final byte[] weights;

    /// The weights, each plus [#ZERO], eight in a long.
    private final long[] packed;

    /// @param scale what a unit of a weight is worth, over the temperature
    /// @param weights by feature, then by class
    Model(String version, List<Category> classes, float scale, byte[] weights) {
        this.version = version;
        this.classes = List.copyOf(classes);
        this.scale = scale;
        this.weights = weights;
        packed = new long[weights.length / 8];
        for (int at = 0; at < weights.length; at++) {
            packed[at / 8] |= (long) (weights[at] + ZERO) << (at % 8 * 8);
        }
    }

    /// The one that the build made.
    static Model load() {
        try (InputStream stream = Model.class.getResourceAsStream(FILE)) {
            if (stream == null) {
                throw new IllegalStateException(
                        FILE + " is not in the classpath: sluice-categories was compiled, but its"
                                + " build did not reach process-classes");
            }
            return read(stream);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Model read(InputStream stream) throws IOException {
        DataInputStream input = new DataInputStream(stream);
        if (input.readInt() != MAGIC) {
            throw new IOException("not a model of categories");
        }
        String version = input.readUTF();
        List<Category> classes = new ArrayList<>();
        for (int left = input.readByte(); left > 0; left--) {
            classes.add(Category.named(input.readUTF()));
        }
        float scale = input.readFloat();
        byte[] weights = new byte[WIDTH << Features.BITS];
        input.readFully(weights);
        return new Model(version, classes, scale, weights);
    }

    void write(OutputStream stream) throws IOException {
        DataOutputStream output = new DataOutputStream(stream);
        output.writeInt(MAGIC);
        output.writeUTF(version);
        output.writeByte(classes.size());
        for (Category category : classes) {
            output.writeUTF(category.word());
        }
        output.writeFloat(scale);
        output.write(weights);
        output.flush();
    }

    String version() {
        return version;
    }

    /// How probable each category is; of all none where the text names nobody.
    Shares shares(Text text) {
        int[] features = Features.of(text);
        if (features.length == 0) {
            return Shares.NONE;
        }
        int[] sums = sums(features);
        double unit = scale / Math.sqrt(features.length);
        double most = Double.NEGATIVE_INFINITY;
        for (int at = 0; at < classes.size(); at++) {
            most = Math.max(most, sums[at] * unit);
        }
        double[] odds = new double[Category.COUNT];
        for (int at = 0; at < classes.size(); at++) {
            odds[classes.get(at).place()] = Math.exp(sums[at] * unit - most);
        }
        return Shares.of(category -> odds[category.place()]);
    }

    /// Adds the rows of the features up, four classes at a time.
    private int[] sums(int[] features) {
        long first = 0;
        long second = 0;
        long third = 0;
        long fourth = 0;
        for (int feature : features) {
            long low = packed[feature * 2];
            long high = packed[feature * 2 + 1];
            first += low & LANES;
            second += (low >>> 8) & LANES;
            third += high & LANES;
            fourth += (high >>> 8) & LANES;
        }
        int[] sums = new int[WIDTH];
        int zero = ZERO * features.length;
        for (int lane = 0; lane < 4; lane++) {
            int shift = lane * 16;
            sums[lane * 2] = (int) ((first >>> shift) & 0xffff) - zero;
            sums[lane * 2 + 1] = (int) ((second >>> shift) & 0xffff) - zero;
            sums[8 + lane * 2] = (int) ((third >>> shift) & 0xffff) - zero;
            sums[8 + lane * 2 + 1] = (int) ((fourth >>> shift) & 0xffff) - zero;
        }
        return sums;
    }
}
