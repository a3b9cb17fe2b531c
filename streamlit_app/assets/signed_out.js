// Whoever signed out here is signed out in every tab: they stop showing what they still show.
new BroadcastChannel("nova").postMessage("signed out");
