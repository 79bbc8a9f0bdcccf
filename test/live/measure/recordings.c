/* How many calls have been recorded: the number in the names of the plugin's files. */
int nrRecordings;
