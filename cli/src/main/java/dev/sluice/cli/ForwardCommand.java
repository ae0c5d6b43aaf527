package dev.sluice.cli;

import dev.sluice.client.SandboxClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes ports of a sandbox reachable on this machine, until it is told to end. */
@Command(
    name = "forward",
    mixinStandardHelpOptions = true,
    description = "Listens on this machine and carries each connection to a port in the sandbox.",
    footer = {
        "",
        "LOCAL is a port of 127.0.0.1, 0 for any that is free; an ADDRESS:PORT; or the path of a Unix socket, with a slash in it.",
        "Without LOCAL, PORT is taken here too. Standard output says where it listens, when it does."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:told to end, by a signal", "125:it failed, or the sandbox has gone"})
final class ForwardCommand implements Callable<Integer> {
    @Mixin
    private ConnectOptions relay;

    @Option(names = "--max-connections", paramLabel = "N", defaultValue = "64", converter = NumberConverter.FromOne.class,
        description = "How many connections are carried at once; more wait to be accepted. Default: ${DEFAULT-VALUE}.")
    private long maxConnections;

    @Option(names = "--json", description = "Prints a JSON object for each place that it listens at.")
    private boolean json;

    @Parameters(arity = "1..*", paramLabel = "[LOCAL:]HOST:PORT", hideParamSyntax = true, converter = ForwardRule.Converter.class,
        description = "Where to listen, and where that leads in the sandbox. An IPv6 address is written in brackets.")
    private List<ForwardRule> rules;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        final CompletableFuture<Void> told = new CompletableFuture<>();
        try (SandboxClient client = relay.connect()) {
            // Before that there is nothing to end in order, and a signal ends us as it ends anybody.
            TerminationSignals.forwardTo(signal -> told.complete(null));
            final List<PortForward> forwards = new ArrayList<>();
            try {
                open(client, forwards);
                // From now on others are served.
                Diagnostics.neverWait();
                CompletableFuture.anyOf(told, client.onClosed()).get();
                if (!told.isDone()) {
                    throw new IOException("the sandbox has gone: the connection to its relay has ended");
                }
            } finally {
                for (final PortForward forward : forwards) {
                    forward.close();
                }
            }
        }
        return ExitCode.OK;
    }

    private void open(final SandboxClient client, final List<PortForward> forwards) throws IOException {
        final Semaphore places = new Semaphore((int) Math.min(maxConnections, Integer.MAX_VALUE));
        final PrintWriter out = spec.commandLine().getOut();
        for (final ForwardRule rule : rules) {
            final ForwardListener listener = ForwardListener.open(rule.local());
            final PortForward forward = new PortForward(client, rule, listener, places);
            forwards.add(forward);
            forward.start();
            final String local = ForwardRule.format(listener.address());
            out.println(json
                ? "{\"local\":" + JsonText.quoted(local) + ",\"target\":" + JsonText.quoted(rule.target()) + "}"
                : "forwarding " + local + " to " + rule.target());
        }
        // Whoever waits for this line may connect when it is there.
        out.flush();
    }
}
