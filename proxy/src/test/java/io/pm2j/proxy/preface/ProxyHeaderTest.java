package io.pm2j.proxy.preface;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pm2j.config.spec.edge.ListenerSpec.ProxyVersion;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The PROXY protocol as HAProxy's specification has it.
final class ProxyHeaderTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final String FOUR = "c0a80001" + "0a000002" + "d903" + "01bb";

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static ProxyHeader read(byte... bytes) {
        return ProxyHeaderReader.read(Unpooled.wrappedBuffer(bytes));
    }

    @ParameterizedTest
    @CsvSource({
        "PROXY TCP4 192.168.0.1 10.0.0.2 55555 443, 192.168.0.1:55555, 10.0.0.2:443",
        "PROXY TCP4 0.0.0.0 255.255.255.255 0 65535, 0.0.0.0:0, 255.255.255.255:65535",
        "PROXY TCP6 2001:db8::1 ::1 1 2, '[2001:db8:0:0:0:0:0:1]:1', '[0:0:0:0:0:0:0:1]:2'",
        "PROXY TCP6 ::ffff:10.1.2.3 ::1 1 2, 10.1.2.3:1, '[0:0:0:0:0:0:0:1]:2'",
    })
    void readsTheAddressesOfALine(String line, String source, String destination) {
        ProxyHeader found = read(ascii(line + "\r\nGET / "));

        assertThat(found).isInstanceOfSatisfying(ProxyHeader.Named.class, named -> {
            assertThat(named.length()).isEqualTo(line.length() + 2);
            assertThat(named.source()).hasToString("/" + source);
            assertThat(named.destination()).hasToString("/" + destination);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"PROXY UNKNOWN", "PROXY UNKNOWN ffff::1 what ever it is 1 2"})
    void takesAnUnknownClientAndIgnoresTheRestOfTheLine(String line) {
        assertThat(read(ascii(line + "\r\nx"))).isEqualTo(new ProxyHeader.Unnamed(line.length() + 2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "PROXZ",
                "proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY TCP4 1.2.3.4  1.2.3.4 1 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n",
                "PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n",
                "PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n",
                "PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n",
                "PROXY TCP4 ::1 ::1 1 2\r\n",
                "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
                "PROXY TCP6 [::1] ::1 1 2\r\n",
                "PROXY TCP6 1::2::3 ::1 1 2\r\n",
                "PROXY TCP6 localhost ::1 1 2\r\n",
                "PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY UNKNOWNS\r\n",
                "PROXY \r\n",
            })
    void refusesAnyOtherLine(String bytes) {
        assertThat(read(ascii(bytes))).isInstanceOf(ProxyHeader.Malformed.class);
    }

    @Test
    void aLineHasAtMost107Bytes() {
        String most = "PROXY UNKNOWN " + "x".repeat(107 - 16) + "\r\n";

        assertThat(read(ascii(most))).isEqualTo(new ProxyHeader.Unnamed(107));
        assertThat(read(ascii("PROXY UNKNOWN " + "x".repeat(107 - 15) + "\r\n")))
                .isInstanceOf(ProxyHeader.Malformed.class);
        assertThat(read(ascii("PROXY UNKNOWN " + "x".repeat(106 - 14)))).isEqualTo(new ProxyHeader.Incomplete());
    }

    @Test
    void readsTheAddressesOfABinaryHeader() {
        assertThat(read(hex(SIGNATURE + "2111" + "000c" + FOUR + "ff")))
                .isEqualTo(new ProxyHeader.Named(
                        28, new InetSocketAddress("192.168.0.1", 55_555), new InetSocketAddress("10.0.0.2", 443)));
        String six = "20010db8000000000000000000000001" + "00000000000000000000000000000001" + "0001" + "0002";
        assertThat(read(hex(SIGNATURE + "2121" + "0024" + six)))
                .isEqualTo(new ProxyHeader.Named(
                        52, new InetSocketAddress("2001:db8::1", 1), new InetSocketAddress("::1", 2)));
    }

    @Test
    void skipsTheTlvsOfABinaryHeader() {
        // PP2_TYPE_AUTHORITY "a.example", then PP2_TYPE_NOOP.
        String tlvs = "020009" + HexFormat.of().formatHex(ascii("a.example")) + "0400020000";

        assertThat(read(hex(SIGNATURE + "2111" + "001d" + FOUR + tlvs)))
                .isInstanceOfSatisfying(
                        ProxyHeader.Named.class,
                        named -> assertThat(named.length()).isEqualTo(45));
    }

    @ParameterizedTest
    @CsvSource({
        "2000, 0000, '', 16", // LOCAL, no addresses
        "2011, 000c, " + FOUR + ", 28", // LOCAL: the addresses are ignored
        "2011, 0000, '', 16", // LOCAL that names a family and has no addresses
        "2100, 0003, ffffff, 19", // unspecified family
    })
    void takesWhatNamesNoClient(String start, String length, String rest, int taken) {
        assertThat(read(hex(SIGNATURE + start + length + rest))).isEqualTo(new ProxyHeader.Unnamed(taken));
    }

    @Test
    void takesAUnixSocketsClientAsUnnamed() {
        assertThat(read(hex(SIGNATURE + "2131" + "00d8" + "00".repeat(216)))).isEqualTo(new ProxyHeader.Unnamed(232));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1111000c" + FOUR, // version 1 in binary
                "2211000c" + FOUR, // an unknown command
                "2112000c" + FOUR, // a datagram over a stream
                "2141000c" + FOUR, // an unknown family
                "2110000c" + FOUR, // a family without a transport
                "2111000b", // too short for its addresses
                "21210023",
                "21110ff1" + FOUR, // longer than anybody's
                "2111ffff" + FOUR,
            })
    void refusesAnyOtherBinaryHeader(String rest) {
        assertThat(read(hex(SIGNATURE + rest))).isInstanceOf(ProxyHeader.Malformed.class);
    }

    @Test
    void everyBeginningOfAHeaderIsIncomplete() {
        byte[][] headers = {
            ascii("PROXY TCP4 192.168.0.1 10.0.0.2 55555 443\r\n"),
            ascii("PROXY TCP6 2001:db8::1 ::1 1 2\r\n"),
            hex(SIGNATURE + "2111" + "001d" + FOUR + "020009" + "616161616161616161" + "0400020000"),
            hex(SIGNATURE + "2000" + "0000"),
        };
        for (byte[] header : headers) {
            for (int i = 1; i < header.length; i++) {
                assertThat(ProxyHeaderReader.read(Unpooled.wrappedBuffer(header, 0, i)))
                        .as("%d of %d bytes", i, header.length)
                        .isEqualTo(new ProxyHeader.Incomplete());
            }
            assertThat(read(header)).isNotInstanceOf(ProxyHeader.Incomplete.class);
        }
    }

    @Test
    void aWrongByteIsRefusedAsSoonAsItIsThere() {
        byte[] right = hex(SIGNATURE + "2111");
        for (int i = 0; i < right.length; i++) {
            byte[] wrong = java.util.Arrays.copyOf(right, i + 1);
            wrong[i] ^= (byte) 0x44;
            assertThat(read(wrong)).as("byte %d", i).isInstanceOf(ProxyHeader.Malformed.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsRead(ProxyVersion version) {
        InetSocketAddress[][] pairs = {
            {new InetSocketAddress("192.168.0.1", 55_555), new InetSocketAddress("10.0.0.2", 443)},
            {new InetSocketAddress("2001:db8::1", 1), new InetSocketAddress("::1", 65_535)},
            {new InetSocketAddress("192.168.0.1", 1), new InetSocketAddress("::1", 2)},
        };
        for (InetSocketAddress[] pair : pairs) {
            byte[] bytes = ProxyHeaderWriter.write(version, pair[0], pair[1]);
            assertThat(read(bytes)).isEqualTo(new ProxyHeader.Named(bytes.length, pair[0], pair[1]));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientWithoutAnAddressIsWrittenAsUnknown(ProxyVersion version) {
        byte[] bytes = ProxyHeaderWriter.write(version, UnixDomainSocketAddress.of("/run/x"), null);

        assertThat(read(bytes)).isEqualTo(new ProxyHeader.Unnamed(bytes.length));
    }

    @Test
    void leavesTheBufferAsItIs() {
        ByteBuf in = Unpooled.wrappedBuffer(ascii("..PROXY UNKNOWN\r\nrest")).skipBytes(2);

        assertThat(ProxyHeaderReader.read(in)).isEqualTo(new ProxyHeader.Unnamed(15));
        assertThat(in.readerIndex()).isEqualTo(2);
        assertThat(in.readableBytes()).isEqualTo(19);
    }
}
