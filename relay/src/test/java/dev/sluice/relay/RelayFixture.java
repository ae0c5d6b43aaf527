package dev.sluice.relay;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of a relay between real sockets start from and leave behind. */
abstract class RelayFixture {
    @TempDir
    Path directory;
    RelayUnderTest box;

    @BeforeEach
    void open() throws IOException {
        box = new RelayUnderTest(directory);
    }

    @AfterEach
    void close() throws Exception {
        box.close();
    }
}
