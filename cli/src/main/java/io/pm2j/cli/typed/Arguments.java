package io.pm2j.cli.typed;

import io.pm2j.config.read.Nearest;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What was typed, taken apart: the command, its operands, the options wherever they stood, and what followed `--`.
public record Arguments(String command, List<String> operands, Map<Option, String> options, List<String> afterDashes) {
    public Arguments {
        operands = List.copyOf(operands);
        afterDashes = List.copyOf(afterDashes);
    }

    /// Takes `typed` apart. The first word that is no option is the command, and is empty when there is none.
    ///
    /// @throws Failure when an option is unknown or lacks its value
    public static Arguments parse(String... typed) throws Failure {
        List<String> words = new ArrayList<>();
        Map<Option, String> options = new EnumMap<>(Option.class);
        List<String> after = new ArrayList<>();
        for (int i = 0; i < typed.length; i++) {
            String word = typed[i];
            if (word.equals("--")) {
                after.addAll(List.of(typed).subList(i + 1, typed.length));
                break;
            }
            if (!isOption(word, words)) {
                words.add(word);
                continue;
            }
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            String spelling = equals < 0 ? word : word.substring(0, equals);
            Option option = Option.spelled(spelling).orElseThrow(() -> unknown(spelling));
            if (!option.takesValue() && !option.mayTakeValue() && equals >= 0) {
                throw new Failure("option " + spelling + " takes no value");
            }
            if (equals >= 0) {
                add(options, option, word.substring(equals + 1));
            } else if (option.mayTakeValue() && words.size() > 1 && isWord(typed, i + 1)) {
                add(options, option, typed[++i]);
            } else if (!option.takesValue()) {
                options.putIfAbsent(option, "");
            } else if (i + 1 < typed.length) {
                add(options, option, typed[++i]);
                // PM2: --stop-exit-codes 0 1
                while (option == Option.STOP_EXIT_CODES && i + 1 < typed.length && typed[i + 1].matches("\\d{1,3}")) {
                    add(options, option, typed[++i]);
                }
            } else {
                throw new Failure("option " + spelling + " needs a value");
            }
        }
        String command = words.isEmpty() ? "" : words.removeFirst();
        return new Arguments(command, words, options, after);
    }

    /// The words of an option that adds, with commas between them.
    private static void add(Map<Option, String> options, Option option, String value) {
        String before = options.getOrDefault(option, "");
        options.put(option, option.adds() && !before.isEmpty() ? before + "," + value : value);
    }

    private static boolean isWord(String[] typed, int at) {
        return at < typed.length && !typed[at].startsWith("-");
    }

    public boolean has(Option option) {
        return options.containsKey(option);
    }

    public Optional<String> value(Option option) {
        return Optional.ofNullable(options.get(option));
    }

    /// The whole number that an option was given, or `otherwise` without it.
    public int number(Option option, int otherwise) throws Failure {
        Optional<String> text = value(option);
        return text.isPresent() ? number(option.text(), text.get()) : otherwise;
    }

    /// Reads a whole number of up to nine digits.
    public static int number(String what, String text) throws Failure {
        if (!text.matches("\\d{1,9}")) {
            throw new Failure(what + ": '" + text + "' (expected: a whole number)");
        }
        return Integer.parseInt(text);
    }

    /// `-` is an operand, and so is the `-1` of `scale app -1`.
    private static boolean isOption(String word, List<String> wordsBefore) {
        boolean amount = word.matches("-\\d+")
                && !wordsBefore.isEmpty()
                && wordsBefore.getFirst().equals("scale");
        return word.startsWith("-") && word.length() > 1 && !amount;
    }

    /// The same, as if `option` had been typed too.
    public Arguments with(Option option) {
        Map<Option, String> more = new EnumMap<>(Option.class);
        more.putAll(options);
        more.putIfAbsent(option, "");
        return new Arguments(command, operands, more, afterDashes);
    }

    private static Failure unknown(String spelling) {
        Optional<String> ofPm2 = NotHere.option(spelling);
        if (ofPm2.isPresent()) {
            return new Failure(ofPm2.get());
        }
        String hint = Nearest.to(spelling, Option.everySpelling())
                .map(near -> " (did you mean " + near + "?)")
                .orElse("");
        return new Failure("unknown option " + spelling + hint);
    }
}
