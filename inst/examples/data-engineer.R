# A data engineer: one model, rows in files and in a database, the same numbers as in memory.
library(glmpp)
set.seed(1)
n <- 30000
trips <- data.frame(distance = round(rexp(n), 3), carrier = sample(c("AA", "B6", "UA"), n, TRUE), hour = sample(0:23, n, TRUE))
trips$late <- rbinom(n, 1, plogis(-1 + 0.3 * trips$distance + 0.4 * (trips$carrier == "UA")))
in_memory <- glmpp(late ~ carrier + log(distance + 1) + hour, binomial, trips)

# Three files of a folder.
folder <- tempfile("trips")
dir.create(folder)
for (part in 1:3) write.csv(trips[seq(part, n, by = 3), ], file.path(folder, sprintf("part-%d.csv", part)), row.names = FALSE)
files <- list.files(folder, full.names = TRUE)
from_files <- glmpp(late ~ carrier + log(distance + 1) + hour, binomial, csv_chunks(files))
print(summary(from_files))
print(max(abs(coef(from_files) - coef(in_memory))))

# Scores go to a file, in parts too.
scores <- file.path(folder, "scores.csv")
predict(from_files, csv_chunks(files), type = "response", into = scores)
print(utils::head(utils::read.csv(scores), 3))

# A database that sums by itself: no row comes to R.
if (requireNamespace("RSQLite", quietly = TRUE)) {
  con <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
  DBI::dbWriteTable(con, "trips", trips)
  in_sql <- glmpp(late ~ carrier + distance + hour, binomial, in_database(con, "trips", where = "database"))
  print(coef(in_sql))
  DBI::dbDisconnect(con)
}
unlink(folder, recursive = TRUE)
