# Random models on rows that are elsewhere: a data set, a formula, a way to cut the rows into parts, and a home for them, all
# from one seed. The fit must be that of all rows in memory, or be refused by an error with a class.

far_homes <- c("chunks", "csv", "parquet", "stream", "sums", "cluster")

far_rows <- function(count) {
  day <- as.Date("2021-03-01") + sample(300, count, TRUE)
  rows <- data.frame(
    x = round(rnorm(count), 3), z = runif(count, 1, 3), h = sample(c(1, 2, 2.5, 4), count, TRUE), k = sample(0:3, count, TRUE),
    g = sample(c("b", "a", "c d"), count, TRUE), f = factor(sample(c("mid", "low", "high"), count, TRUE), c("low", "mid", "high")),
    o = factor(sample(c("few", "some", "all"), count, TRUE), c("few", "some", "all"), ordered = TRUE), b = runif(count) < 0.5,
    day = day, time = as.POSIXct("2021-03-01", tz = "UTC") + 3600 * sample(200, count, TRUE), e = runif(count, 0.5, 2),
    w = sample(0:3, count, TRUE), code = sample(c("10", "9", "2"), count, TRUE)
  )
  eta <- 0.2 * rows$x + 0.3 * (rows$g == "b") - 0.2 * rows$b
  rows$y <- rpois(count, rows$e * exp(eta + 0.5))
  rows$amount <- rgamma(count, 5, 5 / exp(eta))
  rows$trials <- sample(c(0, 4, 6), count, TRUE)
  rows$hits <- rbinom(count, rows$trials, plogis(eta))
  rows$one <- rbinom(count, 1, plogis(eta))
  rows$state <- factor(ifelse(rbinom(count, 1, plogis(eta)) == 1, "case", "healthy"), c("healthy", "case"))
  rows
}

# Some values go missing.
with_missing <- function(rows) {
  for (name in sample(c("x", "g", "f", "h", "day", "b"), 2)) rows[sample(nrow(rows), max(1, nrow(rows) %/% 15)), name] <- NA
  rows
}

# Terms of each kind: of the row alone, of all rows in a way that a look can settle, and of others' places.
far_terms <- c(
  "x", "z", "log(z)", "I(x^2)", "h", "g", "f", "o", "b", "day", "factor(k)", "factor(g)", "factor(f)", "factor(code)", "ordered(k)",
  "as.numeric(day)", "factor(h)", "x:b", "f:x", "g:b", "poly(x, 2, raw = TRUE)", "I(h > 2)", "ifelse(g == \"a\", z, 0)", "pmin(z, 2)", "I(f == \"mid\")",
  "I(g %in% c(\"a\", \"b\"))", "months(day)", "as.integer(format(day, \"%m\"))", "substr(g, 1, 1)", "cut(z, c(0, 1.5, 2, 4))", "paste(g, b)",
  "I(factor(k))", "time", "I(b * 1)", "as.numeric(b)", "twice(z)", "lookup[g]", "splines::ns(z, knots = 2, Boundary.knots = c(1, 3))",
  "I(k %in% h)", "factor(g, levels = rev(sort(unique(g))))", "I(z / range(z)[2])", "as.numeric(table(g)[g])", "I(1 / (k + 1))", "log(k + 1)", "I(1 / k)", "log(k)", "I(ifelse(b, x, z))", "C(f, contr.sum)", "I(x * (h > 1))", "I(x - mean(x, na.rm = TRUE))", "I(h / max(h, na.rm = TRUE))", "I(z > median(z))", "scale(z)", "scale(x)", "poly(z, 2)", "splines::ns(z, 3)", "cut(z, 3)",
  "I(z - min(z))", "I((z - min(z)) / (max(z) - min(z)))", "as.integer(factor(g))", "as.integer(f)", "as.integer(factor(code))", "I(day - min(day, na.rm = TRUE))",
  "factor(k == max(k))", "cut(z, quantile(z, 0:3 / 3), include.lowest = TRUE)", "I(z / sum(z))", "I(z / sd(z))", "relevel(f, \"mid\")",
  "relevel(factor(g), \"b\")", "addNA(g)", "factor(g, exclude = NULL)", "interaction(g, b)", "interaction(f, o)", "droplevels(f)",
  "factor(k, labels = c(\"A\", \"B\", \"C\", \"D\"))", "I(z - z[1])", "I(z > mean(z))", "I(h > mean(h, na.rm = TRUE))", "as.integer(droplevels(f))",
  "I(as.integer(as.factor(code)) > 1)", "I(o > \"few\")", "I(g > \"a\")", "difftime(time, min(time), units = \"hours\")", "unclass(f)", "scale(z, scale = FALSE)", "bs_of(z)", "quarters(day)", "I(sapply(z, function(v) max(v, 2)))"
)

# No look at all rows can settle these.
far_unsettled <- c("rank(z)", "ave(z, k)", "cumsum(z)", "seq_along(z)", "centred(z)", "ranked(z)", "I(z[order(z)])", "outside",
                   "I(z + outside)", "rev(z)", "I(z + runif(1))", "reorder(g, z)", "as.numeric(time - min(time))", "cut(day, \"month\")", "format(z)", "I(match(g, unique(g)))", "diff_of(z)", "I(sapply(z, function(v) sum(z > v)))")

far_functions <- function(count) {
  list(twice = function(v) 2 * v, lookup = c(a = 1, b = 3, `c d` = 2), centred = function(v) v - mean(v), ranked = function(v) rank(v),
       bs_of = function(v) cbind(v, v^2), diff_of = function(v) c(0, diff(v)), outside = seq_len(count) / count,
       flags = rep(c(TRUE, TRUE, FALSE), length.out = count))
}

far_responses <- list(list("y", "poisson"), list("y", "quasipoisson"), list("amount", "Gamma(\"log\")"), list("amount", "gaussian"),
                      list("one", "binomial"), list("state", "binomial"), list("state", "quasibinomial"), list("cbind(hits, trials - hits)", "binomial"),
                      list("b", "binomial"), list("amount / max(amount)", "gaussian"), list("factor(one)", "binomial"))

far_subsets <- c("x > -0.5", "g != \"c d\"", "1:40", "-(1:7)", "c(3, 9, 40, 5:30)", "which(z > 1.2)", "k > mean(k)", "flags", "h > 1", "z < quantile(z, 0.9)", "b", "is.na(x) | x < 1")
far_unsettled_arguments <- list(subset = c("-which(k == 3)", "k"), weights = "outside", offset = "outside")

far_weights <- c("w", "as.numeric(k > 0)", "w / mean(w)", "z")

pick <- function(values, share = 1) if (runif(1) < share) sample(values, 1)

far_case <- function(seed, homes = far_homes) {
  set.seed(seed)
  count <- sample(c(40, 60, 150), 1)
  rows <- far_rows(count)
  if (runif(1) < 0.5) rows <- with_missing(rows)
  response <- far_responses[[sample(length(far_responses), 1)]]
  terms <- sample(far_terms, sample(1:2, 1))
  if (runif(1) < 0.06) terms[1] <- sample(far_unsettled, 1)
  if (runif(1) < 0.15) terms <- c(terms, pick(c("offset(log(e))", "offset(log(e / mean(e)))")))
  if (runif(1) < 0.1) terms <- c("0", terms)
  home <- sample(homes, 1)
  arguments <- list(subset = pick(far_subsets, 0.25), weights = pick(far_weights, 0.25), offset = pick("log(e)", 0.08))
  if (runif(1) < 0.04) {
    name <- sample(names(far_unsettled_arguments), 1)
    arguments[[name]] <- sample(far_unsettled_arguments[[name]], 1)
  }
  rows <- rows[far_order(rows), , drop = FALSE]
  rownames(rows) <- NULL
  # Text has no order of its own.
  if (home %in% c("csv", "stream", "sums")) terms <- sub("(droplevels|relevel|as.integer|unclass)\\(f([,)])", "\\1(factor(f)\\2", terms)
  if (response[[1]] == "state" && home %in% c("csv", "stream")) response[[1]] <- "factor(state, levels = c(\"healthy\", \"case\"))"
  if (response[[1]] == "state" && home == "sums") response[[1]] <- "state == \"case\""
  list(seed = seed, formula = paste(response[[1]], "~", paste(terms, collapse = " + ")), family = response[[2]], home = home,
       subset = arguments$subset, weights = arguments$weights, offset = arguments$offset, rows = rows,
       sizes = far_sizes(count), own_levels = home %in% c("chunks", "cluster") && runif(1) < 0.4, is_tibble = runif(1) < 0.2)
}

far_order <- function(rows) {
  switch(sample(5, 1), seq_len(nrow(rows)), order(rows$state), order(rows$g, rows$f), order(is.na(rows$x)), order(rows$day, rows$z))
}

far_sizes <- function(count) {
  size <- sample(c(1, 7, 20, 33, count), 1, prob = c(1, 3, 3, 3, 1))
  sizes <- rep(size, count %/% size)
  if (count %% size) sizes <- c(sizes, count %% size)
  if (runif(1) < 0.3) sizes <- append(sizes, 0, sample(0:length(sizes), 1))
  sizes
}

far_parts <- function(case, rows = case$rows) {
  ends <- cumsum(case$sizes)
  parts <- Map(function(end, size) rows[seq_len(size) + end - size, , drop = FALSE], ends, case$sizes)
  if (case$own_levels) parts <- lapply(parts, droplevels)
  if (case$is_tibble && requireNamespace("tibble", quietly = TRUE)) parts <- lapply(parts, tibble::as_tibble)
  parts
}

parts_as_chunks <- function(parts) {
  given <- 0
  chunks(function(reset) {
    if (reset) return(invisible(given <<- 0))
    given <<- given + 1
    if (given <= length(parts)) parts[[given]]
  })
}

# The source, and the rows as they are when they are all read from it.
far_source <- function(case, cluster = NULL) {
  rows <- case$rows
  texts <- c("f", "o", "state")
  as_text <- function(rows) {
    rows[texts] <- lapply(rows[texts], as.character)
    rows
  }
  switch(case$home,
    chunks = list(source = parts_as_chunks(far_parts(case)), rows = rows),
    csv = {
      rows <- as_text(rows)
      parts <- Filter(nrow, far_parts(modifyList(case, list(own_levels = FALSE, is_tibble = FALSE)), rows))
      parts <- list(do.call(rbind, parts[seq_len(ceiling(length(parts) / 2))]), do.call(rbind, parts[-seq_len(ceiling(length(parts) / 2))]))
      files <- vapply(Filter(Negate(is.null), parts), function(part) {
        file <- tempfile(fileext = ".csv")
        part$time <- format(part$time, "%Y-%m-%d %H:%M:%S")
        utils::write.csv(part, file, row.names = FALSE)
        file
      }, "")
      rows$code <- as.integer(rows$code)
      list(source = csv_chunks(files, rows = max(case$sizes[1], 5)), rows = rows)
    },
    parquet = {
      parts <- Filter(nrow, far_parts(modifyList(case, list(own_levels = FALSE, is_tibble = FALSE)), rows))
      parts <- if (length(parts) > 6) list(do.call(rbind, parts[1:3]), do.call(rbind, parts[-(1:3)])) else parts
      files <- vapply(parts, function(part) {
        file <- tempfile(fileext = ".parquet")
        nanoparquet::write_parquet(part, file)
        file
      }, "")
      list(source = parquet_chunks(files), rows = do.call(rbind,
          lapply(files, function(file) as.data.frame(nanoparquet::read_parquet(file)))))
    },
    stream = , sums = {
      con <- DBI::dbConnect(RSQLite::SQLite(), ":memory:", extended_types = TRUE)
      RSQLite::initExtension(con, "math")
      if (case$home == "sums" && case$seed %% 2) rows$z <- round(rows$z, 1)
      DBI::dbWriteTable(con, "d", as_text(rows))
      where <- if (case$home == "sums") "database" else "stream"
      list(source = in_database(con, "d", where, rows = max(case$sizes[1], 5), order = if (where == "stream") "rowid"),
           rows = DBI::dbReadTable(con, "d"), close = function() DBI::dbDisconnect(con))
    },
    cluster = {
      parts <- far_parts(case)
      first <- seq_len(ceiling(length(parts) / 2))
      halves <- list(parts[first], parts[-first])
      list(source = on_cluster(cluster, {
        given <- 0
        chunks(function(reset) {
          if (reset) return(invisible(given <<- 0))
          given <<- given + 1
          if (given <= length(halves[[part]])) halves[[part]][[given]]
        })
      }), rows = rows)
    }
  )
}

# "same", "refused", or what is wrong.
far_outcome <- function(case, cluster = NULL) {
  scope <- list2env(far_functions(nrow(case$rows)), parent = globalenv())
  made <- far_source(case, cluster)
  if (!is.null(made$close)) on.exit(made$close())
  formula <- stats::as.formula(case$formula, scope)
  arguments <- lapply(Filter(Negate(is.null), case[c("subset", "weights", "offset")]), str2lang)
  family <- eval(str2lang(case$family))
  if (is.function(family)) family <- family()
  fit <- function(data) {
    warned <- character()
    value <- tryCatch(withCallingHandlers(do.call(glmpp, c(list(formula, family, data), arguments)), warning = function(w) {
      warned <<- c(warned, class(w)[1])
      invokeRestart("muffleWarning")
    }), error = identity)
    list(value = value, warned = warned)
  }
  far <- if (case$home == "sums" && case$seed %% 3) with_replaced("most_groups", 0, fit(made$source)) else fit(made$source)
  memory <- fit(made$rows)
  compare_outcomes(far, memory)
}

compare_outcomes <- function(far, memory) {
  if (inherits(far$value, "glmpp_error")) return(if (inherits(memory$value, "error")) "both refused" else paste("refused:", class(far$value)[1]))
  if (inherits(far$value, "error")) return(paste("WRONG: unclassed error:", conditionMessage(far$value)))
  if (inherits(memory$value, "error")) return(paste("WRONG: only memory refuses:", conditionMessage(memory$value)))
  unsound <- c("glmpp_warning_separation", "glmpp_warning_convergence", "glmpp_warning_boundary", "glmpp_warning_extreme_means")
  if (any(c(far$warned, memory$warned) %in% unsound)) return("no estimate")
  difference_of(far$value, memory$value)
}

difference_of <- function(far, memory) {
  if (!identical(names(coef(far)), names(coef(memory)))) {
    return(paste("WRONG: names", paste(names(coef(far)), collapse = " "), "/", paste(names(coef(memory)), collapse = " ")))
  }
  if (nobs(far) != nobs(memory)) return(sprintf("WRONG: %d rows, memory %d", nobs(far), nobs(memory)))
  if (!identical(is.na(coef(far)), is.na(coef(memory)))) return("WRONG: other columns are aliased")
  error <- sqrt(diag(vcov(memory)))[names(coef(memory))]
  known <- which(is.finite(coef(memory)) & is.finite(error))
  apart <- max(0, abs(coef(far) - coef(memory))[known] / pmax(abs(coef(memory)), error)[known])
  if (apart > 1e-8) return(sprintf("WRONG: coefficients differ by %.1e", apart))
  scale <- max(abs(memory$null.deviance), 1e-8)
  for (name in c("deviance", "null.deviance")) {
    if (abs(far[[name]] - memory[[name]]) > 1e-8 * scale) return(sprintf("WRONG: %s %.10g, memory %.10g", name, far[[name]], memory[[name]]))
  }
  # NA where fractions of trials have no likelihood.
  if (!is.na(far$aic) && !isTRUE(all.equal(far$aic, memory$aic, tolerance = 1e-8))) return(sprintf("WRONG: AIC %.10g, memory %.10g", far$aic, memory$aic))
  if (any(abs(sqrt(diag(vcov(far))) / sqrt(diag(vcov(memory))) - 1) > 1e-7, na.rm = TRUE)) return("WRONG: standard errors")
  "same"
}

case_text <- function(case) {
  parts <- c(case$formula, case$family, sprintf("%s=%s", c("subset", "weights", "offset"), c(case$subset %||% "", case$weights %||% "", case$offset %||% "")),
             case$home, sprintf("%d parts", length(case$sizes)), if (case$own_levels) "own levels", if (case$is_tibble) "tibble")
  sprintf("seed %d: %s", case$seed, paste(parts, collapse = ", "))
}
