package io.pm2j.proxy.client;

import io.pm2j.config.spec.edge.Cidr;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A set of blocks of addresses, found in logarithmic time and without allocation.
public final class IpBlocks {
    public static final IpBlocks EMPTY = new IpBlocks(List.of());

    /// In order, and none within another: of two blocks that touch one holds the other.
    private final Block[] blocks;

    private record Block(long high, long low, long highMask, long lowMask, boolean four) {
        boolean holds(long addressHigh, long addressLow) {
            return (addressHigh & highMask) == high && (addressLow & lowMask) == low;
        }
    }

    private IpBlocks(List<Block> blocks) {
        this.blocks = blocks.toArray(Block[]::new);
    }

    public static IpBlocks of(List<Cidr> cidrs) {
        List<Block> sorted = cidrs.stream()
                .map(IpBlocks::block)
                .sorted(Comparator.comparing(Block::four)
                        .thenComparing(Block::high, Long::compareUnsigned)
                        .thenComparing(Block::low, Long::compareUnsigned)
                        .thenComparing(Block::highMask, Comparator.comparingInt(Long::bitCount))
                        .thenComparing(Block::lowMask, Comparator.comparingInt(Long::bitCount)))
                .toList();
        List<Block> apart = new ArrayList<>();
        for (Block block : sorted) {
            Block last = apart.isEmpty() ? null : apart.getLast();
            if (last == null || last.four() != block.four() || !last.holds(block.high(), block.low())) {
                apart.add(block);
            }
        }
        return new IpBlocks(apart);
    }

    private static Block block(Cidr cidr) {
        byte[] first = cidr.first();
        boolean four = first.length == 4;
        int bits = four ? 96 + cidr.bits() : cidr.bits();
        IpAddress address = IpAddress.of(first);
        return new Block(address.high(), address.low(), mask(Math.min(bits, 64)), mask(Math.max(bits - 64, 0)), four);
    }

    private static long mask(int bits) {
        return bits == 0 ? 0 : -1L << 64 - bits;
    }

    public boolean isEmpty() {
        return blocks.length == 0;
    }

    /// IPv4 is in no block of IPv6, not even in `::/0`; [IpAddress#NONE] is in none at all.
    public boolean contains(IpAddress address) {
        if (blocks.length == 0 || address.isNone()) {
            return false;
        }
        int low = 0;
        int high = blocks.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (startsAfter(blocks[middle], address)) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return high >= 0
                && blocks[high].four() == address.isFour()
                && blocks[high].holds(address.high(), address.low());
    }

    private static boolean startsAfter(Block block, IpAddress address) {
        if (block.four() != address.isFour()) {
            return block.four();
        }
        int order = Long.compareUnsigned(block.high(), address.high());
        return order > 0 || order == 0 && Long.compareUnsigned(block.low(), address.low()) > 0;
    }
}
