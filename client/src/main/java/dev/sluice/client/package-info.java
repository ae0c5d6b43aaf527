/**
 * Runs programs in a sandbox from any Java program: {@link dev.sluice.client.SandboxClient}. Pure JDK, without native access.
 */
package dev.sluice.client;
