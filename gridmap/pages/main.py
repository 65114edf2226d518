"""The entry script Streamlit runs: takes the process's services from the composition root and hands over."""

if __name__ == "__main__":  # not where a job's own process begins, which runs this file too, and would load every page
    from gridmap.bootstrap import get_services
    from gridmap.pages.shell import run

    run(get_services().context)
