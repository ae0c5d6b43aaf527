package dev.sluice.cli;

import dev.sluice.client.DirectoryHandle;
import dev.sluice.client.FileInfo;
import dev.sluice.client.FileOperationException;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import dev.sluice.client.SandboxFiles;
import dev.sluice.protocol.ByteString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists files of a sandbox. */
@Command(name = "ls", mixinStandardHelpOptions = true, description = "Lists files and directories of a sandbox.",
    footer = "%nOn a terminal, control characters in names are written out.")
final class ListCommand implements Callable<Integer> {
    /** As many entries as the sandbox gives at once. */
    private static final int PAGE_LENGTH = 512;

    @Mixin
    private SandboxOptions sandbox;

    @Option(names = "-l", description = "Tells type and permissions, owner, group, size, time (UTC), and where links lead.")
    private boolean details;

    @Option(names = {"-a", "--all"}, description = "Lists what begins with a dot, too.")
    private boolean all;

    @Option(names = "-d", description = "Lists directories themselves, not what is in them.")
    private boolean directories;

    @Option(names = "-U", description = "Does not sort: a directory of any size is listed in little memory.")
    private boolean unsorted;

    @Option(names = "--json", description = "Prints a JSON object for each file.")
    private boolean json;

    @Parameters(arity = "0..*", paramLabel = SandboxOptions.OPERAND, description = "What to list. Default: the agent's working directory.")
    private List<String> operands = List.of();

    private final DataOutput out = new DataOutput();
    private final FailureCount failures = new FailureCount();

    @Override
    public Integer call() throws Exception {
        final SandboxOptions.Operands wanted = sandbox.read(operands.isEmpty() ? List.of("") : operands);
        try (SandboxClient client = sandbox.connect(wanted.socket())) {
            final SandboxFiles files = client.files();
            boolean first = true;
            for (final SandboxPath path : wanted.paths()) {
                try {
                    list(files, path, wanted.paths().size() > 1 && !json, first);
                } catch (final SandboxException e) {
                    failures.add(e);
                }
                first = false;
            }
            out.flush();
        } catch (final DataOutput.ReaderGoneException e) {
            return e.exitCode();
        }
        return failures.exitCode();
    }

    private void list(final SandboxFiles files, final SandboxPath path, final boolean headed, final boolean first)
        throws IOException, InterruptedException {
        final FileInfo info = look(files, path);
        if (!info.isDirectory() || directories) {
            print(files, path.bytes(), path, info);
            return;
        }
        if (headed) {
            out.write(first ? new byte[0] : new byte[] {'\n'});
            out.writeName(path.bytes());
            out.write(new byte[] {':', '\n'});
        }
        if (unsorted) {
            listAsItComes(files, path);
        } else {
            final List<FileInfo> entries = new ArrayList<>(files.list(path.bytes()));
            entries.sort(Comparator.comparing(FileInfo::name));
            for (final FileInfo entry : entries) {
                printEntry(files, path, entry);
            }
        }
    }

    /** A link to a directory is one, unless the link itself is of interest. */
    private FileInfo look(final SandboxFiles files, final SandboxPath path) throws SandboxException, InterruptedException {
        if ((details || directories) && !path.endsInSlash()) {
            return files.linkStat(path.bytes());
        }
        try {
            return files.stat(path.bytes());
        } catch (final FileOperationException e) {
            if (path.endsInSlash()) {
                throw e;
            }
            // Perhaps a link that leads nowhere.
            return files.linkStat(path.bytes());
        }
    }

    private void listAsItComes(final SandboxFiles files, final SandboxPath path) throws IOException, InterruptedException {
        try (DirectoryHandle directory = files.openDirectory(path.bytes())) {
            for (List<FileInfo> page = directory.next(PAGE_LENGTH); !page.isEmpty(); page = directory.next(PAGE_LENGTH)) {
                for (final FileInfo entry : page) {
                    printEntry(files, path, entry);
                }
            }
        }
    }

    private void printEntry(final SandboxFiles files, final SandboxPath directory, final FileInfo entry)
        throws IOException, InterruptedException {
        final ByteString name = entry.name();
        if (!name.isEmpty() && (all || name.byteAt(0) != '.')) {
            print(files, name, directory.resolve(name), entry);
        }
    }

    private void print(final SandboxFiles files, final ByteString name, final SandboxPath path, final FileInfo info)
        throws IOException, InterruptedException {
        ByteString target = null;
        if (details && info.isSymbolicLink()) {
            try {
                target = files.readLink(path.bytes());
            } catch (final FileOperationException e) {
                failures.add(e);
            }
        }
        final FileLine line = new FileLine(name, info, target);
        out.write(json ? line.toJson() : line.toText(details, out.isTerminal()));
    }
}
