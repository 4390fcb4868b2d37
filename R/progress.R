# Bars for passes over data that are elsewhere (rows read, and which pass it is) and for long iterations. Only where
# somebody is looking, or as the option glmpp.progress says: TRUE, FALSE, or "text" for a bar without cli.

wants_progress <- function() {
  wanted <- getOption("glmpp.progress")
  if (is.null(wanted)) interactive() else !isFALSE(wanted)
}

new_progress <- function(pass, rows) {
  if (!wants_progress()) return(list(tick = function(rows) NULL, done = function() NULL))
  title <- if (pass == 1) "First look" else sprintf("Pass %d", pass - 1L)
  has_cli <- !identical(getOption("glmpp.progress"), "text") && requireNamespace("cli", quietly = TRUE)
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

# Seconds that a fit may take in silence.
progress_patience <- function() 2

no_progress <- list(tick = NULL, done = function() NULL)

# Steps out of `total`: a bar from the first tick on, which comes late.
step_progress <- function(title, total) {
  if (!wants_progress()) return(no_progress)
  bar <- NULL
  list(
    tick = function(step) {
      if (is.null(bar)) {
        cat(title, "\n", sep = "")
        bar <<- utils::txtProgressBar(max = total, style = 3)
      }
      utils::setTxtProgressBar(bar, step)
    },
    done = function() if (!is.null(bar)) close(bar)
  )
}

# The same, with nothing within the first seconds.
patient_progress <- function(title, total) {
  progress <- step_progress(title, total)
  started <- proc.time()[["elapsed"]]
  tick <- function(step) {
    if (!is.null(progress$tick) && proc.time()[["elapsed"]] - started > progress_patience()) progress$tick(step)
  }
  list(tick = tick, done = progress$done)
}
