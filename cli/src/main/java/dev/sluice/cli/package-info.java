/** The commands behind {@code ./sluice}. Not an interface for programs: those use the modules below it. */
package dev.sluice.cli;
