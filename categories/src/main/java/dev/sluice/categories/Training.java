package dev.sluice.categories;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Makes the [Model] at build time, from what lies beside it. The same input gives the same bytes.
final class Training {
    private static final long SEED = 20_261_101;
    private static final int HELD_OUT = 8;
    /// A wrong category costs its reader more than none, and banks write worse than our disguises: what is said of
    /// confidence is kept this much cooler than what was measured.
    private static final double CAUTION = 1.3;

    /// This part of the weights may be cut off at the largest value of a byte.
    private static final double CUT_OFF = 0.0001;

    private Training() {}

    /// Trains into a folder of classes, unless the model there was made from the same classes and tables.
    public static void main(String[] args) throws IOException {
        Path classes = Path.of(args[0]);
        Path file = classes.resolve("dev/sluice/categories").resolve(Model.FILE);
        String version = "c1-" + digest(classes).substring(0, 8);
        if (Files.exists(file)) {
            try (var stream = Files.newInputStream(file)) {
                if (Model.read(stream).version().equals(version)) {
                    return;
                }
            } catch (IOException e) {
                System.err.println("categories: " + file + " is made anew: " + e.getMessage());
            }
        }
        Path half = file.resolveSibling(Model.FILE + ".new");
        try (OutputStream stream = Files.newOutputStream(half)) {
            model(Brand.all(), version).write(stream);
        }
        Files.move(half, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /// A model that knows the shops among these brands (names of operators and of transit are mostly initials, from
    /// which nothing is to be learned): first one without every eighth of them, which the temperature is found on,
    /// then one with all.
    static Model model(List<Brand> brands, String version) {
        List<Brand> learned = new ArrayList<>();
        List<Brand> held = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(SEED);
        List<Brand> shops = brands.stream().filter(Brand::shop).toList();
        for (Brand brand : shops) {
            (random.nextInt(HELD_OUT) == 0 ? held : learned).add(brand);
        }
        Softmax rehearsal = trained(learned);
        double temperature = temperature(rehearsal, held) * CAUTION;
        return quantized(trained(shops), temperature, version);
    }

    private static Softmax trained(List<Brand> brands) {
        SplittableRandom random = new SplittableRandom(SEED);
        Lessons lessons = new Lessons(random);
        lessons.brands(brands);
        lessons.keywords();
        lessons.codes();
        Softmax softmax = new Softmax(Lessons.CLASSES.size());
        softmax.learn(lessons.all(), random);
        return softmax;
    }

    /// By what to divide, so that a confidence is how often one is right: the one of the least loss.
    private static double temperature(Softmax softmax, List<Brand> held) {
        Lessons unseen = new Lessons(new SplittableRandom(SEED));
        unseen.disguised(held);
        double best = 1;
        double least = Double.MAX_VALUE;
        for (double temperature = 0.5; temperature < 4; temperature += 0.05) {
            double loss = 0;
            for (Lesson lesson : unseen.all()) {
                loss += lesson.weight * loss(softmax.shares(lesson.features), lesson.shares, temperature);
            }
            if (loss < least) {
                least = loss;
                best = temperature;
            }
        }
        return best;
    }

    private static double loss(float[] shares, float[] right, double temperature) {
        double total = 0;
        double loss = 0;
        for (int at = 0; at < right.length; at++) {
            total += StrictMath.pow(shares[at], 1 / temperature);
        }
        for (int at = 0; at < right.length; at++) {
            if (right[at] > 0) {
                double share = StrictMath.pow(shares[at], 1 / temperature) / total;
                loss -= right[at] * StrictMath.log(Math.max(share, 1e-9));
            }
        }
        return loss;
    }

    private static Model quantized(Softmax softmax, double temperature, String version) {
        float[] weights = softmax.weights();
        float[] sizes = new float[weights.length];
        for (int at = 0; at < weights.length; at++) {
            sizes[at] = Math.abs(weights[at]);
        }
        Arrays.sort(sizes);
        float most = sizes[(int) ((sizes.length - 1) * (1 - CUT_OFF))];
        byte[] bytes = new byte[weights.length];
        for (int at = 0; at < weights.length; at++) {
            bytes[at] = (byte) Math.clamp(Math.round(weights[at] / most * 127), -127, 127);
        }
        return new Model(version, Lessons.CLASSES, (float) (most / 127 / temperature), bytes);
    }

    /// Of all classes and tables of the module, without the model.
    private static String digest(Path classes) throws IOException {
        try (Stream<Path> files = Files.walk(classes)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            files.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith(Model.FILE))
                    .sorted()
                    .forEach(file -> {
                        try {
                            digest.update(classes.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
                            digest.update(Files.readAllBytes(file));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
