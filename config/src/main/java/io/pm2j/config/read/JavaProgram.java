package io.pm2j.config.read;

import io.pm2j.config.spec.Program;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How `java` runs a file: a `.jar` by `-jar`, a `.class` by its name with its root folder as class path, a source file
/// as it is.
final class JavaProgram {
    private JavaProgram() {}

    static Program of(Program wanted, Path file) {
        List<String> options = new ArrayList<>(wanted.interpreterArgs());
        String name = file.getFileName().toString();
        if (name.endsWith(".jar") && (options.isEmpty() || !options.getLast().equals("-jar"))) {
            options.add("-jar");
        } else if (name.endsWith(".class")) {
            return classFile(wanted, file, options);
        }
        return new Program(wanted.script(), wanted.args(), wanted.interpreter(), options);
    }

    /// The class says its own name, and so how many folders up its root is.
    private static Program classFile(Program wanted, Path file, List<String> options) {
        String name;
        try {
            name = ClassFile.of().parse(file).thisClass().asInternalName();
        } catch (IOException | IllegalArgumentException e) {
            return wanted; // java itself will say what is wrong with it
        }
        Path root = file;
        for (int depth = name.split("/", -1).length; depth > 0; depth--) {
            Path parent = root.getParent();
            if (parent == null) {
                return wanted;
            }
            root = parent;
        }
        if (options.stream().noneMatch(List.of("-cp", "-classpath", "--class-path")::contains)) {
            options.addAll(List.of("-cp", root.toString()));
        }
        return new Program(name.replace('/', '.'), wanted.args(), wanted.interpreter(), options);
    }
}
