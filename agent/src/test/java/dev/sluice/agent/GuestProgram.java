package dev.sluice.agent;

import dev.sluice.agent.init.PowerOff;
import dev.sluice.ffi.Posix;
import dev.sluice.port.PortAddress;
import java.time.Duration;

/** An agent that is the first process of a guest, or of namespaces that stand for one. */
final class GuestProgram {
    private GuestProgram() {
    }

    /** @param arguments address of the port, milliseconds that the host gets */
    public static void main(final String[] arguments) {
        final AgentContext context = new AgentContext().portAddress(PortAddress.parse(arguments[0])).adoptOrphans(true)
            .listener(new AgentListener() {
                @Override
                public void onWarning(final String message) {
                    System.err.println("warning: " + message);
                }
            });
        context.init().oomProtection(true).enabled(true).deadline(Duration.ofMillis(Long.parseLong(arguments[1])));
        try (Agent agent = new Agent(context)) {
            System.err.println("outcome: " + agent.run());
        } catch (final Exception e) {
            System.err.println("failed: " + e.getMessage());
        }
        new PowerOff(Posix.system(), message -> System.err.println("power off: " + message)).run();
    }
}
