package io.pm2j.cli.view;

/// Text in the cells of a terminal. Pure.
final class Cells {
    private static final int ESCAPE = 0x1b;

    private Cells() {}

    /// `text` in exactly `width` cells: cut or padded, and without what would move the cursor.
    static String fit(String text, int width) {
        StringBuilder fitted = new StringBuilder();
        int used = 0;
        String plain = plain(text);
        for (int at = 0; at < plain.length(); ) {
            int letter = plain.codePointAt(at);
            int cells = width(letter);
            if (used + cells > width) {
                break;
            }
            fitted.appendCodePoint(letter);
            used += cells;
            at += Character.charCount(letter);
        }
        return fitted.append(" ".repeat(width - used)).toString();
    }

    /// Without escape sequences (ECMA-48 5.4) and other controls.
    static String plain(String text) {
        StringBuilder plain = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            char letter = text.charAt(at);
            if (letter == ESCAPE && at + 1 < text.length() && text.charAt(at + 1) == '[') {
                at += 2;
                while (at < text.length() && (text.charAt(at) < '@' || text.charAt(at) > '~')) {
                    at++;
                }
            } else if (letter == '\t') {
                plain.append("    ");
            } else if (!Character.isISOControl(letter)) {
                plain.append(letter);
            }
        }
        return plain.toString();
    }

    /// Two for the letters of East Asia and for pictures, none for what stands on another letter.
    static int width(int letter) {
        return switch (Character.getType(letter)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
            default -> wide(letter) ? 2 : 1;
        };
    }

    private static boolean wide(int letter) {
        return letter >= 0x1100
                && (letter <= 0x115f
                        || letter >= 0x2e80 && letter <= 0xa4cf
                        || letter >= 0xac00 && letter <= 0xd7a3
                        || letter >= 0xf900 && letter <= 0xfaff
                        || letter >= 0xfe30 && letter <= 0xfe6f
                        || letter >= 0xff00 && letter <= 0xff60
                        || letter >= 0xffe0 && letter <= 0xffe6
                        || letter >= 0x1f300 && letter <= 0x1f64f
                        || letter >= 0x1f900 && letter <= 0x1f9ff
                        || letter >= 0x20000 && letter <= 0x3fffd);
    }
}
