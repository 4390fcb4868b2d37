rows <- remote_rows()

# A part for each entry of a list.
parts_of <- function(parts) {
  given <- 0
  chunks(function(reset) {
    given <<- if (reset) 0 else given + 1
    if (!reset && given <= length(parts)) parts[[given]]
  })
}

sorted_rows <- function() {
  set.seed(4)
  data <- data.frame(year = rep(2001:2006, each = 50), x = rnorm(300), age = sample(18:80, 300, TRUE), g = rep(letters[6:1], each = 50))
  data$day <- as.Date("2020-02-01") + data$year - 2000 + sample(20, 300, TRUE)
  data$y <- rpois(300, exp(0.1 * (data$year - 2001) + 0.2 * data$x))
  data
}

test_that("what a look at all rows can say is put into the terms", {
  data <- sorted_rows()
  formulas <- list(
    y ~ I(year - min(year)), y ~ factor(year == max(year)), y ~ as.integer(factor(g)), y ~ cut(year, 3), y ~ I(year > median(year)),
    y ~ I((x - min(x)) / (max(x) - min(x))), y ~ scale(x), y ~ scale(x, scale = FALSE), y ~ poly(x, 2), y ~ splines::ns(x, 3),
        y ~ splines::bs(x, df = 5),
    y ~ cut(x, quantile(x, 0:4 / 4), include.lowest = TRUE), y ~ I(x - mean(x[g == "a"])), y ~ I(day - min(day)), y ~ I(x - x[1]),
    y ~ I(mean(age - min(age)) - age), I(y + length(y)) ~ x, y ~ I(age %in% (year - 1960)), y ~ factor(g, levels = rev(sort(unique(g)))),
    y ~ I(x > quantile(x, 0.75)[[1]]), y ~ I(x / range(x)[2]), y ~ as.numeric(table(g)[g]) + x,
    y ~ cut(x, c(min(x) - 1, mean(x), max(x))), y ~ relevel(factor(g), ref = names(which.max(table(g)))), y ~ scale(x)[, 1],
        y ~ poly(x, 3)[, 2],
    y ~ splines::ns(x, knots = median(x), Boundary.knots = range(x)), y ~ findInterval(x, quantile(x)), y ~ I(x - mean(x[x > mean(x)]))
  )
  for (formula in formulas) {
    memory <- glmpp(formula, poisson, data)
    for (size in c(7, 100)) {
      far <- glmpp(formula, poisson, chunks_of(data, size))
      expect_equal(coef(far), coef(memory), tolerance = 1e-9, info = deparse1(formula))
      expect_equal(deviance(far), deviance(memory), tolerance = 1e-10, info = deparse1(formula))
    }
  }
})

test_that("arguments of the call may ask of all rows too", {
  data <- sorted_rows()
  fit <- function(data) glmpp(y ~ x, poisson, data, weights = age / mean(age), offset = log(age / max(age)),
      subset = age < quantile(age, 0.9))
  expect_same_fit(suppressWarnings(fit(chunks_of(data, 60))), suppressWarnings(fit(data)))
})

test_that("new rows are measured by the rows of the fit", {
  data <- sorted_rows()
  far <- glmpp(y ~ I(age - mean(age)) + poly(x, 2) + offset(log(age / mean(age))), poisson, chunks_of(data, 60))
  plain <- glm(y ~ age + poly(x, 2) + offset(log(age)), poisson, data)
  expect_equal(unname(predict(far, data[3:8, ])), unname(predict(plain, data[3:8, ])), tolerance = 1e-7)
  by_argument <- glmpp(y ~ x, poisson, chunks_of(data, 60), offset = log(age / mean(age)))
  expect_equal(unname(predict(by_argument, data[3:8, ])),
               unname(predict(glm(y ~ x + offset(log(age)), poisson, data), data[3:8, ])), tolerance = 1e-7)
})

test_that("places among the rows are refused, with what is to be written", {
  data <- sorted_rows()
  other <- seq_len(300)
  own <- function(v) v - mean(v)
  hidden <- function(v) own(v)
  for (formula in list(y ~ rank(x), y ~ cumsum(x), y ~ ave(x, g), y ~ I(x[order(x)]), y ~ own(x), y ~ hidden(x), y ~ other,
      y ~ I(x + other), y ~ data$x,
                       y ~ seq_along(x), y ~ I(sapply(x, function(v) sum(x > v))), y ~ reorder(g, x), y ~ rev(x), y ~ format(x),
                       y ~ cut(day, "month"))) {
    expect_error(glmpp(formula, poisson, chunks_of(data, 60)), class = "glmpp_error_parts", info = deparse1(formula))
  }
  expect_error(glmpp(y ~ x, poisson, chunks_of(data, 60), weights = other), "No column", class = "glmpp_error_parts")
  expect_error(glmpp(y ~ rank(x), poisson, chunks_of(data, 60)), "looks at other rows.*column of the data", class = "glmpp_error_parts")
})

test_that("a function that nobody knows is tried on rows of several parts", {
  data <- sorted_rows()
  # Within a part all years are the same, so that only rows of other parts betray it.
  since_start <- eval(quote(function(v) v - v[1]), new.env(parent = asNamespace("stats")))
  later <- eval(quote(function(v) as.integer(v > sort(v)[2])), new.env(parent = asNamespace("stats")))
  expect_error(glmpp(y ~ x + since_start(year), poisson, chunks_of(data, 50)), class = "glmpp_error_parts")
  expect_error(glmpp(y ~ x + later(year), poisson, chunks_of(data, 50)), class = "glmpp_error_parts")
  doubled <- eval(quote(function(v) 2 * v), new.env(parent = asNamespace("stats")))
  expect_same_fit(glmpp(y ~ x + doubled(year), poisson, chunks_of(data, 50)), glmpp(y ~ x + doubled(year), poisson, data), 1e-8)
})

test_that("a difference of times needs its unit", {
  data <- sorted_rows()
  data$time <- as.POSIXct("2020-01-01", tz = "UTC") + 3600 * data$age
  data$then <- data$time - 60 * data$year
  for (formula in list(y ~ as.numeric(time - min(time)), y ~ I(time - then), y ~ difftime(time, then))) {
    expect_error(glmpp(formula, poisson, chunks_of(data, 60)), "units = \"hours\"", class = "glmpp_error_parts")
  }
  formula <- y ~ as.numeric(difftime(time, min(time), units = "days"))
  expect_same_fit(glmpp(formula, poisson, chunks_of(data, 60)), glmpp(formula, poisson, data), 1e-9)
})

test_that("row numbers count over all parts", {
  data <- sorted_rows()
  keep <- rep(c(TRUE, FALSE, TRUE), 100)
  for (subset in list(quote(40:130), quote(-(1:60)), quote(c(250, 3, 3, 61:99)), quote(keep), quote(which(x > 0)))) {
    call <- list(y ~ x, poisson, NULL, subset = subset)
    fit <- function(data) do.call(glmpp, replace(call, 3, list(data)))
    expect_same_fit(fit(chunks_of(data, 60)), fit(data), 1e-9)
    expect_equal(coef(glmpp(y ~ x, poisson, chunks_of(data, 60), subset = keep, solver = sgd(epochs = 1, seed = 1))),
                 coef(glmpp(y ~ x, poisson, chunks_of(data[keep, ], 40), solver = sgd(epochs = 1, seed = 1))), tolerance = 0.2)
  }
  expect_error(glmpp(y ~ x, poisson, chunks_of(data, 60), subset = age), class = "glmpp_error_subset")
  expect_error(glmpp(y ~ x, poisson, chunks_of(data, 60), subset = c(1, -2)), class = "glmpp_error_subset")
  expect_error(glmpp(y ~ x, poisson, chunks_of(data, 60), subset = c("1", "2")), class = "glmpp_error_subset")
})

test_that("tables of other packages are data frames", {
  data <- sorted_rows()
  memory <- glmpp(y ~ x + g, poisson, data)
  if (requireNamespace("tibble", quietly = TRUE)) {
    expect_same_fit(glmpp(y ~ x + g, poisson, chunks_of(tibble::as_tibble(data), 60)), memory)
  }
  skip_if_not_installed("data.table")
  parts <- lapply(split(data, rep(1:5, each = 60)), data.table::as.data.table)
  expect_same_fit(glmpp(y ~ x + g, poisson, parts_of(parts)), memory)
})

test_that("what only the whole must have, a part may lack", {
  data <- sorted_rows()
  data$n <- ifelse(data$year == 2002, 0, 5)
  data$s <- rbinom(300, data$n, 0.4)
  data$flat <- ifelse(data$year == 2003, 2, data$y)
  by_year <- function() chunks_of(data, 50)
  expect_same_fit(glmpp(y ~ x, poisson, by_year(), weights = as.numeric(year > 2001)),
      glmpp(y ~ x, poisson, data, weights = as.numeric(year > 2001)))
  expect_same_fit(glmpp(cbind(s, n - s) ~ x, binomial, by_year()), glmpp(cbind(s, n - s) ~ x, binomial, data))
  expect_warning(glmpp(flat ~ x, poisson, by_year()), NA)
  expect_error(glmpp(y ~ x, poisson, by_year(), weights = 0 * year), class = "glmpp_error_weights")
  expect_warning(glmpp(I(0 * y + 2) ~ x, gaussian, by_year()), class = "glmpp_warning_constant")
})

test_that("terms come and go on the rows of the fit", {
  data <- sorted_rows()
  data$x[c(3, 80)] <- NA
  data$age[9] <- NA
  far <- glmpp(y ~ x + factor(year), poisson, chunks_of(data, 60))
  plain <- glm(y ~ x + factor(year), poisson, data, epsilon = 1e-12)
  expect_equal(as.matrix(drop1(far, test = "Chisq")), as.matrix(drop1(plain, test = "Chisq")), tolerance = 1e-7, ignore_attr = TRUE)
  expect_s3_class(step(far, trace = 0), "glmpp_remote")
  small <- glmpp(y ~ x, poisson, chunks_of(data, 60))
  expect_warning(added <- add1(small, ~ . + age + factor(year), test = "Chisq"), "297 rows", class = "glmpp_warning_rows")
  expected <- suppressWarnings(add1(glm(y ~ x, poisson, data, epsilon = 1e-12, subset = !is.na(age)), ~ . + age + factor(year), test = "Chisq"))
  expect_equal(added$AIC, expected$AIC, tolerance = 1e-8)
  expect_equal(added[["Pr(>Chi)"]], expected[["Pr(>Chi)"]], tolerance = 1e-6)
  normal <- glmpp(age ~ x + factor(year), gaussian, chunks_of(data, 60))
  expect_equal(drop1(normal, test = "F")[["Pr(>F)"]], drop1(glm(age ~ x + factor(year), gaussian, data), test = "F")[["Pr(>F)"]], tolerance = 1e-7)
  expect_error(drop1(far, "z"), class = "glmpp_error_argument")
  expect_error(drop1(far, scale = 2), class = "glmpp_error_argument")
  expect_error(add1(far), class = "glmpp_error_argument")
})

test_that("where a column is too long to be gathered, sums say what they can", {
  data <- sorted_rows()
  for (formula in list(y ~ I(x - mean(x)), y ~ I((x - mean(x)) / sd(x)), y ~ scale(x), y ~ I(x / sum(age)), y ~ I(x * var(age)),
      y ~ cut(x, 3),
                       y ~ I(x - mean(ifelse(x > 0, NA, x), na.rm = TRUE)))) {
    far <- with_replaced("most_gathered", 10, glmpp(formula, poisson, chunks_of(data, 40)))
    expect_same_fit(far, glmpp(formula, poisson, data), 1e-9)
  }
  expect_error(with_replaced("most_gathered", 10, glmpp(y ~ I(x > median(x)), poisson, chunks_of(data, 40))), "too many", class = "glmpp_error_parts")
})

test_that("arguments mean what their places say", {
  data <- sorted_rows()
  for (formula in list(y ~ I(x - mean(x, 0.2)), y ~ I(x - max(x, 9)), y ~ scale(x, FALSE), y ~ I(x * var(x, age)),
      y ~ age + I(x %in% age) + x, y ~ I(year %in% age) + age,
                       y ~ factor(g, rev(levels(factor(g)))))) {
    memory <- glmpp(formula, poisson, data)
    expect_same_fit(glmpp(formula, poisson, chunks_of(data, 40)), memory, 1e-8)
    few <- tryCatch(with_replaced("most_gathered", 10, glmpp(formula, poisson, chunks_of(data, 40))), glmpp_error_parts = function(e) NULL)
    if (!is.null(few)) expect_same_fit(few, memory, 1e-8)
  }
  for (formula in list(y ~ factor(levels = letters[6:1], x = g), y ~ I(x - mean(na.rm = TRUE, x)))) {
    expect_error(glmpp(formula, poisson, chunks_of(data, 40)), "first", class = "glmpp_error_parts")
  }
})

test_that("dots, names of packages and arguments that are NULL are read as ever", {
  data <- sorted_rows()[c("y", "x", "age")]
  for (formula in list(y ~ ., y ~ . + stats::poly(x, 2) - x, y ~ . + I(x - min(x)):age - x)) {
    expect_same_fit(glmpp(formula, poisson, chunks_of(data, 40)), glmpp(formula, poisson, data), 1e-8)
  }
  expect_same_fit(glmpp(y ~ x, poisson, chunks_of(data, 40), weights = NULL, subset = NULL), glmpp(y ~ x, poisson, data))
  expect_error(glmpp(y ~ nowhere, poisson, chunks_of(data, 40)), "nowhere", class = "glmpp_error_frame")
})

test_that("what is drawn at random is drawn before", {
  data <- sorted_rows()
  expect_error(glmpp(y ~ I(x + runif(1)), poisson, chunks_of(data, 40)), "drawn anew", class = "glmpp_error_parts")
  expect_error(glmpp(y ~ x, poisson, chunks_of(data, 40), weights = runif(length(x))), class = "glmpp_error_parts")
  set.seed(6)
  far <- glmpp(y ~ x, poisson, chunks_of(data, 40), subset = sample(300, 200))
  set.seed(6)
  memory <- glmpp(y ~ x, poisson, data, subset = sample(300, 200))
  expect_same_fit(far, memory, 1e-9)
  expect_equal(vcov(far, type = "HC0"), vcov(memory, type = "HC0"), tolerance = 1e-9)
  expect_equal(drop1(far)$AIC, drop1(memory)$AIC, tolerance = 1e-8)
})

test_that("columns are of one type in all parts", {
  data <- sorted_rows()
  later <- list(transform(data[151:300, ], x = as.character(x)), transform(data[151:300, ], x = factor(x)),
      transform(data[151:300, ], day = as.character(day)),
                transform(data[151:300, ], g = factor(g)), transform(data[151:300, ], day = as.POSIXct(day)))
  formulas <- list(y ~ as.numeric(x), y ~ as.numeric(x), y ~ as.numeric(day), y ~ as.character(g), y ~ as.numeric(day))
  for (k in seq_along(later)) {
    expect_error(suppressWarnings(glmpp(formulas[[k]], poisson, parts_of(list(data[1:150, ], later[[k]])))), "one type", class = "glmpp_error_parts")
  }
  empty <- transform(data[151:300, ], g = NA)
  expect_equal(coef(glmpp(y ~ g, poisson, parts_of(list(data[1:150, ], empty)))), coef(glmpp(y ~ g, poisson, data[1:150, ])),
      tolerance = 1e-9)
})

test_that("clusters of scores have the labels of all parts", {
  data <- sorted_rows()
  fit <- glmpp(y ~ x, poisson, chunks_of(data, 40))
  memory <- glmpp(y ~ x, poisson, data)
  expect_equal(vcov(fit, type = "HC0", cluster = ~g), vcov(memory, type = "HC0", cluster = ~g), tolerance = 1e-9)
  expect_error(vcov(fit, type = "HC0", cluster = ~ as.integer(factor(g))), "labels", class = "glmpp_error_parts")
})
