package io.pm2j.proxy.corpus;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Bytes written as one line of text: `~` is CRLF, `\r \n \t \0 \\ \~ \xHH` single bytes, and
/// `\{text*N}` is `text` N times.
public record ByteText(byte[] bytes, boolean[] inRun) {
    /// Runs longer than this are split at every sixteenth position only.
    private static final int LONG_RUN = 64;

    static ByteText of(String line) {
        Reader reader = new Reader(line);
        reader.all();
        boolean[] inRun = new boolean[reader.out.size()];
        for (int[] run : reader.runs) {
            for (int i = run[0] + 8; i < run[1] - 8; i++) {
                inRun[i] = (i - run[0]) % 16 != 0;
            }
        }
        return new ByteText(reader.out.toByteArray(), inRun);
    }

    private static final class Reader {
        final String line;
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final java.util.List<int[]> runs = new java.util.ArrayList<>();
        int i;

        Reader(String line) {
            this.line = line;
        }

        void all() {
            while (i < line.length()) {
                char c = line.charAt(i++);
                switch (c) {
                    case '~' -> {
                        out.write('\r');
                        out.write('\n');
                    }
                    case '\\' -> escaped(line.charAt(i++));
                    default -> out.writeBytes(String.valueOf(c).getBytes(StandardCharsets.ISO_8859_1));
                }
            }
        }

        private void escaped(char c) {
            switch (c) {
                case 'r' -> out.write('\r');
                case 'n' -> out.write('\n');
                case 't' -> out.write('\t');
                case '0' -> out.write(0);
                case 'x' -> {
                    out.write(Integer.parseInt(line.substring(i, i + 2), 16));
                    i += 2;
                }
                case '{' -> run();
                case '\\', '~' -> out.write(c);
                default -> throw new IllegalArgumentException("unknown escape \\" + c + " in " + line);
            }
        }

        private void run() {
            int end = line.indexOf('}', i);
            int star = line.lastIndexOf('*', end);
            byte[] text = of(line.substring(i, star)).bytes();
            int times = Integer.parseInt(line.substring(star + 1, end));
            int from = out.size();
            for (int n = 0; n < times; n++) {
                out.writeBytes(text);
            }
            if (out.size() - from > LONG_RUN) {
                runs.add(new int[] {from, out.size()});
            }
            i = end + 1;
        }
    }
}
