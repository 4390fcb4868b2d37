# A bar for passes over data that are elsewhere: rows read, and which pass it is. Only where somebody
# is looking, or as the option glmpp.progress says: TRUE, FALSE, or "text" for a bar without cli.

new_progress <- function(pass, rows) {
  wanted <- getOption("glmpp.progress", interactive())
  if (isFALSE(wanted)) return(list(tick = function(rows) NULL, done = function() NULL))
  title <- if (pass == 1) "First look" else sprintf("Pass %d", pass - 1L)
  has_cli <- isTRUE(wanted) && requireNamespace("cli", quietly = TRUE)
  if (has_cli) cli_progress(title, rows) else text_progress(title, rows)
}

cli_progress <- function(title, rows) {
  format <- if (is.null(rows)) "{title}: {cli::pb_current} rows" else "{title}: {cli::pb_bar} {cli::pb_percent} of {rows} rows"
  id <- cli::cli_progress_bar(total = rows %||% NA, format = format, clear = TRUE, .auto_close = FALSE,
                              .envir = environment())
  list(tick = function(count) cli::cli_progress_update(inc = count, id = id),
       done = function() cli::cli_progress_done(id = id))
}

text_progress <- function(title, rows) {
  if (is.null(rows)) return(count_progress(title))
  cat(title, "\n", sep = "")
  bar <- utils::txtProgressBar(max = max(rows, 1), style = 3)
  read <- 0
  list(tick = function(count) utils::setTxtProgressBar(bar, read <<- read + count), done = function() close(bar))
}

# The end is not known in the first pass.
count_progress <- function(title) {
  read <- 0
  list(tick = function(count) cat(sprintf("\r%s: %s rows", title, format(read <<- read + count, big.mark = ","))),
       done = function() cat("\n"))
}
