package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows compiles as shown, with all modules that it shows. */
class ReadmeExampleTest {
    /** Statements; an example that is a class of its own is a test, and belongs to a module that is not here. */
    private static final Pattern EXAMPLE = Pattern.compile("```java\\n(?!@)(.*?)```", Pattern.DOTALL);

    @TempDir
    Path classes;

    @Test
    void everyJavaExampleCompiles() throws IOException {
        final Matcher examples = EXAMPLE.matcher(Files.readString(Path.of("..", "README.md")));
        int number = 0;
        while (examples.find()) {
            compile("Example" + ++number, examples.group(1));
        }
        assertTrue(number > 0, "the README has an example");
    }

    private void compile(final String name, final String statements) {
        final String source = "import dev.sluice.client.*;\nimport dev.sluice.execlog.*;\n"
            + "import java.io.InputStream;\nimport java.nio.file.Path;\nimport java.time.Duration;\n"
            + "class " + name + " {\n    void example() throws Exception {\n" + statements + "    }\n}\n";
        final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        final StringWriter messages = new StringWriter();
        final URI uri = URI.create("string:///" + name + ".java");
        final SimpleJavaFileObject file = new SimpleJavaFileObject(uri, SimpleJavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(final boolean ignoreEncodingErrors) {
                return source;
            }
        };
        // Jars name others in their manifests that need not be there.
        final String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        final List<String> options =
            List.of("-d", classes.toString(), "-cp", classPath, "-proc:none", "-Xlint:all,-path", "-Werror");
        final boolean compiled = compiler.getTask(messages, null, null, options, null, List.of(file)).call();
        assertTrue(compiled, () -> source + messages);
        assertFalse(Files.notExists(classes.resolve(name + ".class")));
    }
}
