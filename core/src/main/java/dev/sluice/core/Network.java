package dev.sluice.core;

import java.net.InetAddress;
import java.net.UnknownHostException;

/// The addresses that begin with the same bits, as `10.0.0.0/8`.
public record Network(InetAddress base, int bits) {
    /// @throws IllegalArgumentException where the text is no network
    public static Network of(String text) {
        int slash = text.indexOf('/');
        String address = (slash < 0 ? text : text.substring(0, slash)).strip();
        if (!address.matches("[0-9.]+|[0-9a-fA-F:.]+")) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no network: write an address, a slash and its bits");
        }
        try {
            InetAddress base = InetAddress.getByName(address);
            int most = 8 * base.getAddress().length;
            int bits = slash < 0
                    ? most
                    : Integer.parseInt(text.substring(slash + 1).strip());
            if (bits < 0 || bits > most) {
                throw new IllegalArgumentException("\"" + text + "\" is no network: it has 0 to " + most + " bits");
            }
            return new Network(base, bits);
        } catch (UnknownHostException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no network: write an address, a slash and its bits", e);
        }
    }

    public boolean has(InetAddress address) {
        byte[] mine = base.getAddress();
        byte[] other = address.getAddress();
        if (mine.length != other.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit & 7);
            if ((mine[bit >> 3] & mask) != (other[bit >> 3] & mask)) {
                return false;
            }
        }
        return true;
    }
}
