# Families with a parameter of their own: others' time over glmpp's, CPU time, both in one run.
#
#   Rscript bench/families.R
#
# The negative binomial with estimated theta beside MASS::glm.nb() and beside the Poisson fit to the same rows; Tweedie's with power 1.5
# beside glm(family = statmod::tweedie()) on a tenth of the rows, row for row, and beside the quasi-Poisson fit; a hurdle model beside pscl::hurdle().

bench_folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
for (part in c("report", "pairs")) source(file.path(bench_folder, paste0(part, ".R")))
suppressMessages(library(glmpp))

with_numbers <- function(rows, columns) {
  set.seed(1)
  data <- data.frame(matrix(rnorm(rows * columns), rows))
  data$y <- rnbinom(rows, size = 1.7, mu = exp(0.5 + as.matrix(data[1:5]) %*% rep(0.2, 5)))
  data
}

with_factors <- function(rows, sizes) {
  set.seed(3)
  data <- data.frame(lapply(sizes, function(size) factor(sample(size, rows, TRUE))))
  names(data) <- paste0("f", seq_along(sizes))
  data
}

counts <- function(rows) {
  data <- with_factors(rows, c(10, 50, 200))
  for (name in paste0("x", 1:5)) data[[name]] <- rnorm(rows)
  data$y <- rnbinom(rows, size = 0.8, mu = exp(0.2 * data$x1 + 0.1 * data$x2))
  data
}

# Some 4 % of the rows have a claim.
premiums <- function(rows, power = 1.5) {
  data <- with_factors(rows, c(150, 50, 30, 20, 15, 12, 10, 8, 5))
  exposure <- runif(rows, 0.1, 1)
  mean <- exp(-1 + 0.2 * (as.integer(data$f1) %% 3))
  dispersion <- 20 / exposure
  number <- rpois(rows, mean^(2 - power) / (dispersion * (2 - power)))
  shape <- pmax(number, 1) * (2 - power) / (power - 1)
  data$y <- ifelse(number > 0, rgamma(rows, shape, scale = dispersion * (power - 1) * mean^(power - 1)), 0)
  data$exposure <- exposure
  data
}

lines <- list()
if (requireNamespace("MASS", quietly = TRUE)) {
  few <- with_numbers(1e5, 20)
  lines <- c(lines, list(compare_calls("glm.nb, n = 1e5, p = 20", function() coef(MASS::glm.nb(y ~ ., few)),
                                       function() coef(glmpp(y ~ ., negative_binomial(), few)))))
}
many <- counts(1e6)
lines <- c(lines, list(compare_calls("Poisson / negative binomial, n = 1e6", function() glmpp(y ~ ., poisson, many)$rank,
                                     function() glmpp(y ~ ., negative_binomial(), many)$rank)))
insurance <- premiums(6e5)
formula <- y ~ . - exposure
if (requireNamespace("statmod", quietly = TRUE)) {
  tenth <- insurance[seq(1, 6e5, by = 10), ]
  line <- compare_calls("statmod on a tenth / Tweedie", function() coef(glm(formula, statmod::tweedie(1.5, 0), tenth, weights = exposure)),
                        function() coef(glmpp(formula, tweedie(1.5), insurance, weights = exposure)), turns = 1)
  line[c("theirs", "ratio")] <- 10 * line[c("theirs", "ratio")]
  lines <- c(lines, list(replace(line, "name", "statmod (ten times a tenth) / Tweedie, n = 6e5")))
}
lines <- c(lines, list(compare_calls("quasi-Poisson / Tweedie, n = 6e5", function() glmpp(formula, quasipoisson, insurance, weights = exposure)$rank,
                                     function() glmpp(formula, tweedie(1.5), insurance, weights = exposure)$rank)))
if (requireNamespace("pscl", quietly = TRUE)) {
  visits <- with_numbers(2e4, 5)
  lines <- c(lines, list(compare_calls("pscl::hurdle, negbin, n = 2e4, p = 5", function() coef(pscl::hurdle(y ~ ., visits, dist = "negbin")),
                                       function() coef(hurdle(y ~ ., visits, dist = "negbin")))))
}
print_comparisons("Families", do.call(rbind, lines))
