package dev.sluice.client;

/** A connection from inside the sandbox did not come about, or broke. */
public final class TcpFailedException extends SandboxException {
    private static final long serialVersionUID = 1L;

    /** Where it went to. */
    private final String host;
    /** The port there. */
    private final int port;
    /** What the agent said. */
    private final String agentText;

    TcpFailedException(final String host, final int port, final String agentText) {
        super("connection to " + host + ":" + port + ": " + withoutAddress(host, port, agentText), null);
        this.host = host;
        this.port = port;
        this.agentText = agentText;
    }

    /** Agents repeat where to. */
    private static String withoutAddress(final String host, final int port, final String agentText) {
        final String repeated = "connect " + host + ":" + port + ": ";
        return agentText.startsWith(repeated) ? agentText.substring(repeated.length()) : agentText;
    }

    /**
     * Where it went to.
     *
     * @return the host as it was given
     */
    public String host() {
        return host;
    }

    /**
     * Where it went to.
     *
     * @return the port
     */
    public int port() {
        return port;
    }

    /**
     * What the agent said.
     *
     * @return its words, not to be trusted more than the sandbox is
     */
    public String agentText() {
        return agentText;
    }

    /**
     * The symbol of the error number that the sandbox's kernel gave, as {@code ECONNREFUSED}.
     *
     * @return the symbol, or "" when the agent's text names no number or none that is known here
     */
    public String errnoName() {
        return ErrorNumbers.nameIn(agentText);
    }
}
