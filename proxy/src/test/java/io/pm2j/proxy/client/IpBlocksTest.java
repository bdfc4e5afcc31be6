package io.pm2j.proxy.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.edge.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpBlocksTest {
    private static IpAddress ip(String text) throws Exception {
        return IpAddress.of(InetAddress.ofLiteral(text));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.0.0.0/8, ::ffff:10.1.1.1, true",
        "0.0.0.0/0, 255.1.1.1, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "::/0, 2001:db8::1, true",
        "::/0, 10.0.0.1, false",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "2001:db8::/96, 2001:db8::ffff:ffff, true",
        "2001:db8::/96, 2001:db8::1:0:0, false",
        "fe80::1, fe80::1, true",
        "fe80::1, fe80::2, false",
        "255.255.255.255, 255.255.255.255, true",
    })
    void holdsWhatIsInABlock(String block, String address, boolean held) throws Exception {
        assertThat(IpBlocks.of(List.of(Cidr.parse(block))).contains(ip(address)))
                .isEqualTo(held);
    }

    @Test
    void nobodyWithoutAnAddressIsInABlock() {
        IpBlocks all = IpBlocks.of(List.of(Cidr.parse("::/0"), Cidr.parse("0.0.0.0/0")));

        assertThat(all.contains(IpAddress.NONE)).isFalse();
    }

    @Test
    void agreesWithEachBlockByItself() {
        var random = new Random(42);
        for (int round = 0; round < 200; round++) {
            List<Cidr> cidrs = Stream.generate(() -> cidr(random)).limit(12).toList();
            IpBlocks blocks = IpBlocks.of(cidrs);
            List<byte[]> addresses = new ArrayList<>();
            cidrs.forEach(cidr -> addresses.add(near(cidr.first(), random)));
            for (byte[] address : addresses) {
                boolean any = cidrs.stream().anyMatch(cidr -> cidr.contains(address));
                assertThat(blocks.contains(IpAddress.of(address)))
                        .as("%s", cidrs)
                        .isEqualTo(any);
            }
        }
    }

    /// Few leading bytes, so that blocks lie within each other often.
    private static Cidr cidr(Random random) {
        boolean four = random.nextBoolean();
        byte[] bytes = new byte[four ? 4 : 16];
        bytes[0] = (byte) (0x20 + random.nextInt(2));
        bytes[1] = (byte) random.nextInt(4);
        bytes[bytes.length - 1] = (byte) random.nextInt(256);
        int bits = random.nextInt(1, bytes.length * 8 + 1);
        return new Cidr(java.util.HexFormat.of().formatHex(bytes), bits);
    }

    private static byte[] near(byte[] first, Random random) {
        byte[] address = first.clone();
        address[random.nextInt(address.length)] ^= (byte) (1 << random.nextInt(8));
        return address;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "01.2.3.4",
                "1.2.3.04",
                "1.2.3.256",
                "1.2.3.-4",
                "::ffff:1.2.3.04",
                "a.b.c.d",
                ":::",
                "1::2::3",
                "12345::",
                "fe80::1%1",
                "[::1]",
                "localhost",
                "1.2.3.4 ",
                "\u0661.2.3.4",
                "\uff46e80::1",
                "::g",
                "0x7f.0.0.1",
                "2130706433",
                "1:2:3:4:5:6:7:8:9"
            })
    void aTextThatIsNoAddressIsNone(String text) {
        assertThat(IpAddress.parse(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0.0.0.0",
        "10.0.0.1, 10.0.0.1",
        "100.10.20.0, 100.10.20.0",
        "::ffff:10.0.0.1, 10.0.0.1",
        "::1, ::1",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    })
    void spellsAddressesInOneWay(String text, String spelt) {
        IpAddress address = IpAddress.parse(text);

        assertThat(address).isNotNull().extracting(IpAddress::text).isEqualTo(spelt);
    }

    @Test
    void tellsIpv6ClientsApartByTheirNetwork() throws Exception {
        assertThat(ip("2001:db8:1:2::1").network())
                .isEqualTo(ip("2001:db8:1:2:ffff::1").network());
        assertThat(ip("2001:db8:1:2::1").network())
                .isNotEqualTo(ip("2001:db8:1:3::1").network());
        assertThat(ip("10.0.0.1").network()).isNotEqualTo(ip("10.0.0.2").network());
    }
}
